// Annotated reports for `radie eval`: gold ones, and predictions in the record format of `radie
// extract`.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "radie/extractor.h"
#include "tools/annotated_record.h"
#include "tools/line_reader.h"

namespace radie::tools {

struct GoldReport {
  std::string id;
  std::size_t line = 0;
  std::string text;
  StructuredReport annotated;  // types, code-point spans, relations; nothing else is filled
  std::vector<EntityMention> mentions;  // the same entities, in code points
};

// A record's annotations as a report. Throws Error(kInvalidInput) naming the field.
StructuredReport AnnotatedReport(const Record& record, const std::string& text, OffsetUnit unit);

class GoldReader {
 public:
  explicit GoldReader(const std::string& path);

  // False at the end. Throws ExitError(kExitSomeFailed) naming file, line and field.
  bool Next(GoldReport& report);

 private:
  std::string path_;
  OpenFile file_;
  LineReader reader_;
};

struct Prediction {
  Record record;
  std::size_t line = 0;
};

// By id. Throws ExitError(kExitSomeFailed) naming file, line and field; also for an id that occurs
// twice.
std::map<std::string, Prediction> ReadPredictions(const std::string& path);

}  // namespace radie::tools
