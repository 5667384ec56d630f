// POST /v1/extract: from a body to its answer.
#pragma once

#include <httplib.h>

#include <memory>
#include <string>

#include "radie/terms.h"
#include "radie/tokenizer.h"
#include "tools/serve/access_log.h"
#include "tools/serve/batcher.h"
#include "tools/serve/extract_call.h"
#include "tools/serve/metrics.h"
#include "tools/serve/report_source.h"

namespace radie::tools::serve {

// What extracting needs of the server. Nothing is owned.
struct ExtractParts {
  Batcher* batcher = nullptr;
  Metrics* metrics = nullptr;
  const TextTokenizer* tokenizer = nullptr;  // of stage 1, to count tokens
  const TermTable* terms = nullptr;          // null: no codes
  SourceOptions source;
  FhirOptions fhir;  // names the model
};

// Answers `request`, whose body is `body`: one report at once, several as a stream while they are
// extracted. The exchange, which must live until the answer is written, is told what became of the
// reports. Throws HttpError.
void AnswerExtract(const ExtractParts& parts, const ExtractCall& call,
                   const httplib::Request& request, std::string body, httplib::Response& response,
                   Exchange& exchange);

}  // namespace radie::tools::serve
