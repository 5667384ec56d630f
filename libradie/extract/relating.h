// Stage 2 over a batch of reports: entities in, relations out.
#pragma once

#include <stop_token>
#include <vector>

#include "libradie/base/thread_pool.h"
#include "libradie/extract/prepared_report.h"
#include "libradie/extract/relation_encoding.h"
#include "libradie/extract/result_cache.h"
#include "radie/options.h"

namespace radie::internal {

// Fills `relations` (or `error`) of every report and adds to its warnings. Null entries are
// skipped. `cache` holds the logits of sequences' pairs, of this stage's alone under its kind of
// key. Throws Error(kCancelled) when a stop was requested.
void RelateReports(const LoadedModel& model, const std::vector<PreparedReport*>& reports,
                   ThreadPool& pool, const ExtractorOptions& options, ResultCache& cache,
                   const std::stop_token& cancel = {});

// The report's tokens and the mentions on them.
RelationInput BuildRelationInput(const RelationStage& stage, const PreparedReport& report);

}  // namespace radie::internal
