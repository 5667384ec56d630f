// Stage 2 over a batch of reports: entities in, relations out.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "libradie/base/thread_pool.h"
#include "libradie/extract/prepared_report.h"
#include "libradie/extract/relation_encoding.h"
#include "radie/error.h"
#include "radie/extractor.h"

namespace radie::internal {

// One report's way through stage 2. Null reports are skipped.
struct RelatedReport {
  PreparedReport* report = nullptr;
  std::vector<Relation> relations;  // by (tail, head)
  std::optional<Error> error;       // this report's own failure; the others go on
};

// Fills `relations` (or `error`) and adds to the reports' warnings.
void RelateReports(const LoadedModel& model, std::vector<RelatedReport>& reports, ThreadPool& pool,
                   const ExtractorOptions& options);

// The report's tokens and the mentions on them.
RelationInput BuildRelationInput(const RelationStage& stage, const PreparedReport& report);

}  // namespace radie::internal
