#include "tools/gold.h"

#include <utility>

#include "tools/exit_codes.h"
#include "tools/text_units.h"

namespace radie::tools {
namespace {

constexpr std::size_t kMaxLineBytes = std::size_t{64} << 20;

[[noreturn]] void FailAt(const std::string& path, std::size_t line, const std::string& message) {
  throw ExitError(kExitSomeFailed, path + " line " + std::to_string(line) + ": " + message);
}

// The next line that is not blank.
bool NextLine(LineReader& reader, const std::string& path, std::string& line) {
  for (;;) {
    switch (reader.Next(line)) {
      case LineReader::Result::kEnd:
        return false;
      case LineReader::Result::kTooLong:
        FailAt(path, reader.line_number(),
               "longer than " + std::to_string(kMaxLineBytes) + " bytes");
      case LineReader::Result::kLine:
        if (!IsBlank(line)) return true;
    }
  }
}

Record ParseLine(const std::string& line, const std::string& path, std::size_t number) {
  try {
    return ParseRecord(line, {true, true});
  } catch (const RecordError& failed) {
    FailAt(path, number, failed.error.what());
  }
}

std::size_t IndexOf(const std::map<std::string, std::size_t>& indices, const std::string& id,
                    const std::string& field) {
  const auto found = indices.find(id);
  if (found == indices.end())
    throw Error(ErrorCode::kInvalidInput, field + ": no entity has this id");
  return found->second;
}

}  // namespace

StructuredReport AnnotatedReport(const Record& record, const std::string& text, OffsetUnit unit) {
  StructuredReport report;
  std::map<std::string, std::size_t> indices;
  const CodePointIndex index(text, unit);
  if (record.entities) {
    for (const RecordEntity& annotated : *record.entities) {
      const std::string place = "entities[" + std::to_string(report.entities.size()) + "]";
      const std::optional<Range> range = index.ToCodePoints(annotated.range);
      if (!range) {
        throw Error(ErrorCode::kInvalidInput, place + ": start " +
                                                  std::to_string(annotated.range.begin) + ", end " +
                                                  std::to_string(annotated.range.end) +
                                                  " is no stretch of the text's characters");
      }
      if (!annotated.id.empty() && !indices.emplace(annotated.id, report.entities.size()).second) {
        throw Error(ErrorCode::kInvalidInput, place + ".id: used twice");
      }
      Entity entity;
      entity.type = annotated.type;
      entity.span.code_points = *range;
      report.entities.push_back(std::move(entity));
    }
  }
  if (record.relations) {
    for (const RecordRelation& annotated : *record.relations) {
      const std::string place = "relations[" + std::to_string(report.relations.size()) + "]";
      report.relations.push_back({annotated.type, IndexOf(indices, annotated.head, place + ".head"),
                                  IndexOf(indices, annotated.tail, place + ".tail"), 1.0});
    }
  }
  return report;
}

GoldReader::GoldReader(const std::string& path)
    : path_(path), file_(path), reader_(file_, kMaxLineBytes) {}

bool GoldReader::Next(GoldReport& report) {
  std::string line;
  if (!NextLine(reader_, path_, line)) return false;
  const std::size_t number = reader_.line_number();
  Record record = ParseLine(line, path_, number);
  if (!record.text) FailAt(path_, number, "text: missing");
  if (!record.entities) FailAt(path_, number, "entities: missing");
  report = {};
  report.id = record.id.value_or("line-" + std::to_string(number));
  report.line = number;
  report.text = std::move(*record.text);
  try {
    report.annotated =
        AnnotatedReport(record, report.text, record.unit.value_or(OffsetUnit::kCodePoint));
  } catch (const Error& error) {
    FailAt(path_, number, error.what());
  }
  for (const Entity& entity : report.annotated.entities) {
    report.mentions.push_back({entity.type, entity.span.code_points});
  }
  return true;
}

std::map<std::string, Prediction> ReadPredictions(const std::string& path) {
  OpenFile file(path);
  LineReader reader(file, kMaxLineBytes);
  std::map<std::string, Prediction> predictions;
  for (std::string line; NextLine(reader, path, line);) {
    const std::size_t number = reader.line_number();
    Record record = ParseLine(line, path, number);
    if (!record.id && record.is_error)
      continue;  // a line that could not be read has no id to be matched by
    if (!record.is_error && !record.entities) FailAt(path, number, "entities: missing");
    const std::string id = record.id.value_or("line-" + std::to_string(number));
    if (!predictions.emplace(id, Prediction{std::move(record), number}).second) {
      FailAt(path, number, "id: used twice");
    }
  }
  return predictions;
}

}  // namespace radie::tools
