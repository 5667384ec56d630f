#include "tools/serve/report_source.h"

#include <algorithm>
#include <utility>

#include "tools/annotated_record.h"
#include "tools/encoding_options.h"
#include "tools/hl7_items.h"
#include "tools/report_items.h"
#include "tools/serve/http_error.h"

namespace radie::tools::serve {
namespace {

[[noreturn]] void RefuseTooMany(std::size_t most) {
  throw HttpError(413, "too_many_reports",
                  "the body holds more than " + std::to_string(most) + " reports");
}

ExtractItem TextItem(const ExtractCall& call, std::string_view body) {
  EncodingOptions encoding;
  encoding.encoding = call.encoding.value_or(Encoding::kUtf8);
  return ItemFromText(body, call.id, encoding, call.source_offsets);
}

ExtractItem JsonItem(const ExtractCall& call, std::string_view body) {
  ExtractItem item = ItemFromObject(body, call.id, false, call.settings.unit);
  if (!item.id) item.id = call.id;
  return item;
}

}  // namespace

ReportSource::ReportSource(const ExtractCall& call, std::string body, const SourceOptions& options)
    : unit_(call.settings.unit), body_(std::move(body)) {
  switch (call.body) {
    case BodyKind::kText:
      items_.push_back(TextItem(call, body_));
      break;
    case BodyKind::kJson:
      items_.push_back(JsonItem(call, body_));
      break;
    case BodyKind::kJsonLines:
      SplitLines(options);
      break;
    case BodyKind::kHl7:
      ReadMessages(call, options);
      break;
  }
}

void ReportSource::SplitLines(const SourceOptions& options) {
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < body_.size();) {
    const std::size_t end = std::min(body_.find('\n', begin), body_.size());
    const std::string_view line = std::string_view(body_).substr(begin, end - begin);
    begin = end + 1;
    ++number;
    if (IsBlank(line)) continue;
    if (lines_.size() == options.max_records) RefuseTooMany(options.max_records);
    lines_.push_back({line, number});
  }
}

void ReportSource::ReadMessages(const ExtractCall& call, const SourceOptions& options) {
  Hl7Options hl7;
  hl7.encoding = call.encoding;
  hl7.keep_patient_id = options.keep_patient_id;
  Hl7Splitter splitter(hl7.max_message_bytes);
  splitter.Feed(body_, true);
  for (std::size_t number = 1; const std::optional<Hl7Message> message = splitter.Next();
       ++number) {
    for (ExtractItem& item : ItemsFromHl7(*message, number, hl7, unit_)) {
      if (items_.size() == options.max_records) RefuseTooMany(options.max_records);
      items_.push_back(std::move(item));
    }
  }
}

std::vector<ExtractItem> ReportSource::Next(std::size_t count) {
  std::vector<ExtractItem> portion;
  while (portion.size() < count && next_ < lines_.size() + items_.size()) {
    if (lines_.empty()) {
      portion.push_back(std::move(items_[next_]));
    } else if (lines_[next_].text.size() > kMaxLineBytes) {
      portion.push_back(ItemOfLongLine(lines_[next_].number));
    } else {
      portion.push_back(ItemFromLine(lines_[next_].text, lines_[next_].number, false, unit_));
    }
    ++next_;
  }
  return portion;
}

}  // namespace radie::tools::serve
