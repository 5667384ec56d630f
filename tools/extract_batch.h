// Reports collected, extracted together, and written in the order they came in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "radie/extractor.h"
#include "radie/terms.h"
#include "tools/extract_item.h"
#include "tools/output.h"
#include "tools/report_writers.h"

namespace radie::tools {

// What became of the items, in their order, all in one call of the extractor; nothing for an item
// that came with an error. The items must not change while it runs.
std::vector<std::optional<Outcome>> ExtractItems(const Extractor& extractor, Request::Stages stages,
                                                 std::span<const ExtractItem* const> items);

// Appends an item's result or failure to `out`, with the codes of `terms` (null: none); false for a
// failure. A report that the format cannot hold has failed like one that could not be extracted.
bool AppendOutcome(const ExtractItem& item, const std::optional<Outcome>& outcome,
                   const TermTable* terms, ReportWriter& writer, std::string& out);

// The size of a batch follows the speed of the model, so that output keeps appearing; what is in a
// batch never changes a result.
class BatchExtractor {
 public:
  // All must outlive this. `terms` gives mentions their codes; null: none.
  BatchExtractor(const Extractor& extractor, Request::Stages stages, const TermTable* terms,
                 ReportWriter& writer, Output& output)
      : extractor_(extractor), stages_(stages), terms_(terms), writer_(writer), output_(output) {}

  // Before the first Add(), and after the last Flush().
  void Begin();
  void End();

  // Extracts and writes when the batch is full.
  void Add(ExtractItem item);

  // Extracts and writes what there is.
  void Flush();

  bool empty() const { return items_.empty(); }
  bool some_failed() const { return some_failed_; }
  std::uint64_t written() const { return written_; }

 private:
  const Extractor& extractor_;
  const Request::Stages stages_;
  const TermTable* const terms_;
  ReportWriter& writer_;
  Output& output_;
  std::vector<ExtractItem> items_;
  std::size_t bytes_ = 0;
  std::size_t capacity_ = 8;  // reports
  std::uint64_t written_ = 0;
  bool some_failed_ = false;
};

}  // namespace radie::tools
