#include "tools/serve/extract_call.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "radie/fhir.h"
#include "tools/annotated_record.h"
#include "tools/fhir_options.h"
#include "tools/serve/http_error.h"
#include "tools/serve/media_types.h"

namespace radie::tools::serve {
namespace {

constexpr std::ptrdiff_t kMaxIdCharacters = 256;

BodyKind BodyKindOf(const MediaType& type) {
  static const std::map<std::string_view, BodyKind> kKinds = {
      {"text/plain", BodyKind::kText},
      {"application/json", BodyKind::kJson},
      {"application/x-ndjson", BodyKind::kJsonLines},
      {"application/jsonl", BodyKind::kJsonLines},
      {"application/hl7-v2", BodyKind::kHl7},
      {"x-application/hl7-v2+er7", BodyKind::kHl7}};
  const auto found = kKinds.find(type.name);
  if (found == kKinds.end()) {
    throw HttpError(415, "unsupported_media_type",
                    "Content-Type must be text/plain, application/json, application/x-ndjson or "
                    "application/hl7-v2");
  }
  return found->second;
}

void ReadContentType(const httplib::Request& request, ExtractCall& call) {
  const std::string coding = request.get_header_value("Content-Encoding");
  if (!coding.empty() && coding != "identity")
    throw HttpError(415, "unsupported_media_type", "Content-Encoding: a body is sent as it is");
  const std::optional<MediaType> type = ParseMediaType(request.get_header_value("Content-Type"));
  if (!type) throw HttpError(415, "unsupported_media_type", "Content-Type: missing or malformed");
  call.body = BodyKindOf(*type);
  const auto charset = type->parameters.find("charset");
  if (charset == type->parameters.end()) return;
  call.encoding = EncodingFromName(charset->second);
  if (!call.encoding) {
    throw HttpError(415, "unsupported_media_type",
                    "Content-Type: this charset is not read (utf-8, cp932, shift_jis, euc-jp, "
                    "iso-2022-jp and utf-16 are)");
  }
  const bool json = call.body == BodyKind::kJson || call.body == BodyKind::kJsonLines;
  if (json && call.encoding != Encoding::kUtf8)
    throw HttpError(415, "unsupported_media_type", "Content-Type: JSON is UTF-8 always");
}

// Offers stand in the order of the server's own preference.
AnswerKind NegotiatedAnswer(const std::string& accept, const ExtractCall& call) {
  using Offer = std::pair<std::string_view, AnswerKind>;
  constexpr Offer kJson = {"application/json", AnswerKind::kJson};
  constexpr Offer kLines = {"application/x-ndjson", AnswerKind::kJsonLines};
  constexpr Offer kFhir = {"application/fhir+json", AnswerKind::kFhir};
  constexpr Offer kFhirLines = {"application/fhir+ndjson", AnswerKind::kFhirLines};
  constexpr Offer kHtml = {"text/html", AnswerKind::kHtml};
  std::vector<Offer> offers = {kJson, kLines, kHtml, kFhirLines};
  if (call.body == BodyKind::kJsonLines) std::swap(offers[0], offers[1]);
  if (call.single()) offers.push_back(kFhir);
  std::vector<std::string_view> names;
  names.reserve(offers.size());
  for (const Offer& offer : offers) names.push_back(offer.first);
  const std::optional<std::size_t> best = BestOffer(accept, names);
  if (best) return offers[*best].second;
  throw HttpError(406, "not_acceptable",
                  call.single() ? "answers are application/json, application/x-ndjson, "
                                  "application/fhir+json, application/fhir+ndjson or text/html"
                                : "answers to several reports are application/json, "
                                  "application/x-ndjson, application/fhir+ndjson or text/html");
}

bool BooleanOf(const std::string& name, const std::string& value) {
  if (value == "true") return true;
  if (value == "false") return false;
  throw HttpError(400, "invalid_parameter", name + ": must be true or false");
}

std::ptrdiff_t CharactersOf(const std::string& utf8) {
  return std::count_if(utf8.begin(), utf8.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

[[noreturn]] void RefuseFhir() {
  throw HttpError(400, "invalid_parameter",
                  "fhir_subject or fhir_recorded: not a FHIR reference or instant");
}

void ReadOffsets(const std::string& value, ExtractCall& call) {
  if (value == "source" && call.body == BodyKind::kText) {
    call.source_offsets = true;
    return;
  }
  const std::optional<OffsetUnit> unit = OffsetUnitFromName(value);
  if (!unit) {
    throw HttpError(400, "invalid_parameter",
                    "offsets: must be codepoint, utf8 or utf16, or source where the body is "
                    "text/plain");
  }
  call.settings.unit = call.settings.json.unit = *unit;
}

void ReadQuery(const httplib::Request& request, ExtractCall& call) {
  for (const auto& [name, value] : request.params) {
    if (request.get_param_value_count(name) > 1)
      throw HttpError(400, "invalid_parameter", "the query names a parameter twice");
    if (name == "id") {
      if (value.empty() || CharactersOf(value) > kMaxIdCharacters)
        throw HttpError(400, "invalid_parameter", "id: must have 1 to 256 characters");
      call.id = value;
    } else if (name == "include_text") {
      call.settings.json.include_text = BooleanOf(name, value);
    } else if (name == "offsets") {
      ReadOffsets(value, call);
    } else if (name.starts_with("fhir_") && value.empty()) {
      RefuseFhir();
    } else if (name == "fhir_subject") {
      call.settings.fhir.subject = value;
    } else if (name == "fhir_recorded") {
      call.settings.fhir.recorded = value;
    } else {
      throw HttpError(400, "invalid_parameter",
                      "the query may have id, include_text, offsets, fhir_subject and "
                      "fhir_recorded");
    }
  }
}

OutputFormat FormatOf(AnswerKind answer) {
  switch (answer) {
    case AnswerKind::kFhir:
    case AnswerKind::kFhirLines:
      return OutputFormat::kFhir;
    case AnswerKind::kHtml:
      return OutputFormat::kHtml;
    default:
      return OutputFormat::kJsonLines;
  }
}

}  // namespace

ExtractCall ParseExtractCall(const httplib::Request& request, const FhirOptions& fhir) {
  ExtractCall call;
  ReadContentType(request, call);
  call.answer = NegotiatedAnswer(request.get_header_value("Accept"), call);
  call.settings.fhir = fhir;
  call.settings.fhir.recorded = InstantNow();
  call.settings.complain = false;
  call.settings.format = FormatOf(call.answer);
  ReadQuery(request, call);
  if (call.source_offsets) call.settings.unit = call.settings.json.unit = OffsetUnit::kUtf8;
  if (request.has_param("fhir_subject") || request.has_param("fhir_recorded")) {
    try {
      ToFhir("", "", {}, call.settings.fhir);
    } catch (const Error&) {
      RefuseFhir();
    }
  }
  return call;
}

const char* ContentTypeOf(AnswerKind answer) {
  switch (answer) {
    case AnswerKind::kJsonLines:
      return "application/x-ndjson";
    case AnswerKind::kFhir:
      return "application/fhir+json";
    case AnswerKind::kFhirLines:
      return "application/fhir+ndjson";
    case AnswerKind::kHtml:
      return "text/html; charset=utf-8";
    case AnswerKind::kJson:
      break;
  }
  return "application/json";
}

}  // namespace radie::tools::serve
