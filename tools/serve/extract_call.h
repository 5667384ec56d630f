// What a POST to /v1/extract asks for, known before its body is read.
#pragma once

#include <httplib.h>

#include <optional>
#include <string>

#include "radie/charset.h"
#include "radie/report.h"
#include "tools/report_writers.h"

namespace radie::tools::serve {

enum class BodyKind { kText, kJson, kJsonLines, kHl7 };
enum class AnswerKind { kJson, kJsonLines, kFhir, kFhirLines, kHtml };

struct ExtractCall {
  BodyKind body = BodyKind::kText;
  std::optional<Encoding> encoding;  // named by Content-Type
  AnswerKind answer = AnswerKind::kJson;
  std::string id = "report";  // of a body that brings none
  bool source_offsets = false;
  WriterSettings settings;

  // One report in, one resource out; otherwise any number of both.
  bool single() const { return body == BodyKind::kText || body == BodyKind::kJson; }
};

// From Content-Type, Accept and the query. `fhir` names the model. Throws HttpError: 400, 406, 415.
ExtractCall ParseExtractCall(const httplib::Request& request, const FhirOptions& fhir);

// Of the answer, with its charset where it has one.
const char* ContentTypeOf(AnswerKind answer);

}  // namespace radie::tools::serve
