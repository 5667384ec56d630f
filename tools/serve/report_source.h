// The reports of a body, a portion at a time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "radie/hl7.h"
#include "tools/extract_item.h"
#include "tools/serve/extract_call.h"

namespace radie::tools::serve {

struct SourceOptions {
  std::size_t max_records = 10'000;
  bool keep_patient_id = false;
};

class ReportSource {
 public:
  // Throws HttpError, 413, when the body holds more reports than `max_records`. What is wrong with
  // one report is that item's error.
  ReportSource(const ExtractCall& call, std::string body, const SourceOptions& options);
  ReportSource(const ReportSource&) = delete;
  ReportSource& operator=(const ReportSource&) = delete;

  // The next reports, at most `count`; none at the end.
  std::vector<ExtractItem> Next(std::size_t count);

 private:
  void SplitLines(const SourceOptions& options);
  void ReadMessages(const ExtractCall& call, const SourceOptions& options);

  struct Line {
    std::string_view text;  // in body_
    std::size_t number;     // from 1
  };

  const OffsetUnit unit_;
  const std::string body_;
  std::vector<Line> lines_;
  std::vector<ExtractItem> items_;
  std::size_t next_ = 0;
};

}  // namespace radie::tools::serve
