// Stage 2's configuration out of its metadata object.
#pragma once

#include "libradie/model/config.h"
#include "libradie/model/json_fields.h"

namespace radie {

// `texts`: whose vocabularies and SentencePiece models have been read. Throws Error(kInvalidModel)
// or Error(kUnsupportedModel) naming the field.
RelationsConfig ParseRelations(const JsonFields& stage, const Schema& schema,
                               const ModelConfig& texts);

}  // namespace radie
