// Reports collected, extracted together, and written in the order they came in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "radie/extractor.h"
#include "radie/writer.h"
#include "tools/output.h"

namespace radie::tools {

// A report to extract, or why it cannot be.
struct ExtractItem {
  std::optional<std::string> id;
  std::string text;
  std::vector<EntityMention> mentions;       // for stage 2 alone
  OffsetUnit unit = OffsetUnit::kCodePoint;  // of the mentions
  std::optional<Error> error;
  std::optional<std::size_t> line;  // when there is no id
};

struct ExtractSettings {
  Request::Stages stages = Request::Stages::kBoth;
  bool table = false;
  JsonOptions json;
  TableOptions table_options;
};

// The size of a batch follows the speed of the model, so that output keeps appearing; what is in a
// batch never changes a result.
class BatchExtractor {
 public:
  BatchExtractor(const Extractor& extractor, const ExtractSettings& settings, Output& output)
      : extractor_(extractor), settings_(settings), output_(output) {}

  // Extracts and writes when the batch is full.
  void Add(ExtractItem item);

  // Extracts and writes what there is.
  void Flush();

  bool empty() const { return items_.empty(); }
  bool some_failed() const { return some_failed_; }
  std::uint64_t written() const { return written_; }

 private:
  std::vector<std::optional<Outcome>> Extract()
      const;  // nothing for an item that came with an error
  void AppendResult(const ExtractItem& item, const StructuredReport& report, std::string& out);
  void AppendError(const ExtractItem& item, const Error& error, std::string& out);

  const Extractor& extractor_;
  const ExtractSettings settings_;
  Output& output_;
  std::vector<ExtractItem> items_;
  std::size_t bytes_ = 0;
  std::size_t capacity_ = 8;  // reports
  std::uint64_t written_ = 0;
  std::uint64_t tables_ = 0;
  bool some_failed_ = false;
};

}  // namespace radie::tools
