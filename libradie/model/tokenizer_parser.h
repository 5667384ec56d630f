// A stage's "tokenizer" object (docs/model-format.md).
#pragma once

#include <map>
#include <string>

#include "libradie/model/config.h"
#include "libradie/model/json_fields.h"
#include "libradie/model/model_file.h"

namespace radie {

// `sentencepieces`: as ParseSentencePieces gives them. Throws as JsonFields, and
// Error(kInvalidModel) for settings that do not go together.
TokenizerSettings ParseTokenizer(const JsonFields& fields,
                                 const std::map<std::string, std::string>& sentencepieces);

// The bytes of the file's SentencePiece models (metadata "sentencepiece.NAME"), by name; not looked
// into. Throws Error(kInvalidModel) for what is not base64, Error(kUnsupportedModel) past a cap.
std::map<std::string, std::string> ParseSentencePieces(const ModelFile& file);

}  // namespace radie
