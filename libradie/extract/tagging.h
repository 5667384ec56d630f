// Stage 1 over a batch of reports: sentences in, entities out.
#pragma once

#include <cstddef>
#include <stop_token>
#include <vector>

#include "libradie/base/thread_pool.h"
#include "libradie/extract/prepared_report.h"
#include "libradie/extract/result_cache.h"

namespace radie::internal {

// Fills `entities` (or `error`) of every report. Null entries are skipped. `cache` holds emissions
// of windows, of this stage's alone under its kind of key. Throws Error(kCancelled) when
// a stop was requested.
void TagReports(const EntityStage& stage, const std::vector<PreparedReport*>& reports,
                ThreadPool& pool, std::size_t max_batch_tokens, ResultCache& cache,
                const std::stop_token& cancel = {});

}  // namespace radie::internal
