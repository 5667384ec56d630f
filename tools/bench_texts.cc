#include "tools/bench_texts.h"

#include <cstddef>
#include <utility>

#include "radie/options.h"
#include "tools/annotated_record.h"
#include "tools/exit_codes.h"
#include "tools/input_files.h"
#include "tools/line_reader.h"
#include "tools/report_items.h"

namespace radie::tools {
namespace {

constexpr std::size_t kMaxAllTextBytes = std::size_t{256} << 20;

class Reports {
 public:
  void Add(std::string text, const std::string& where) {
    bytes_ += text.size();
    if (bytes_ > kMaxAllTextBytes)
      throw ExitError(kExitSomeFailed, where + ": more than 256 MiB in all");
    texts_.push_back(std::move(text));
  }

  void AddLines(OpenFile& file, const std::string& path) {
    LineReader reader(file, kMaxLineBytes);
    std::string line;
    for (;;) {
      const LineReader::Result result = reader.Next(line);
      if (result == LineReader::Result::kEnd) return;
      const std::string where = path + " line " + std::to_string(reader.line_number());
      if (result == LineReader::Result::kTooLong)
        throw ExitError(kExitSomeFailed, where + ": the line is too long");
      if (!IsBlank(line)) Add(TextOf(line, where), where);
    }
  }

  std::vector<std::string> Take() { return std::move(texts_); }

 private:
  static std::string TextOf(const std::string& line, const std::string& where) {
    try {
      Record record = ParseRecord(line, {});
      if (record.text) return std::move(*record.text);
    } catch (const RecordError& failed) {
      throw ExitError(kExitSomeFailed, where + ": " + failed.error.what());
    }
    throw ExitError(kExitSomeFailed, where + ": text: missing");
  }

  std::vector<std::string> texts_;
  std::size_t bytes_ = 0;
};

}  // namespace

std::vector<std::string> ReadReports(const std::string& path) {
  Reports reports;
  InputFiles files({path}, InputFormat::kByExtension);
  for (InputFile input; files.Next(input);) {
    OpenFile file(input.path);
    if (input.format == InputFormat::kHl7) {
      throw ExitError(kExitUsage, input.path + ": HL7 messages are read by radie extract only");
    }
    if (input.format == InputFormat::kText) {
      reports.Add(ReadUpTo(file, ExtractorOptions().max_report_bytes + 1), input.path);
    } else {
      reports.AddLines(file, input.path);
    }
  }
  std::vector<std::string> texts = reports.Take();
  if (texts.empty()) throw ExitError(kExitSomeFailed, path + ": no report there");
  return texts;
}

}  // namespace radie::tools
