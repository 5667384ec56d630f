// Input of stage 2 for tests: tokens that mean nothing, with mentions.
#pragma once

#include <cstddef>
#include <vector>

#include "libradie/extract/loaded_model.h"
#include "libradie/extract/relation_encoding.h"

namespace radie::internal {

// A report of `length` tokens in one sentence, with mentions of an attribute and an object type in
// turn, of the model's schema (Anatomical_entity, Imaging_observation).
inline RelationInput RelationInputOf(const LoadedModel& model, std::size_t length,
                                     const std::vector<TokenRange>& mentions) {
  RelationInput input;
  input.tokens.assign(length, model.relations->tokenizer->unk());
  input.sentence_of.assign(length, 0);
  const Schema& schema = model.config.schema;
  const std::size_t types[] = {*schema.FindEntityType("Anatomical_entity"),
                               *schema.FindEntityType("Imaging_observation")};
  for (std::size_t m = 0; m < mentions.size(); ++m) {
    input.mentions.push_back({mentions[m], types[m % 2]});
  }
  return input;
}

}  // namespace radie::internal
