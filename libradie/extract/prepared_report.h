// A report made ready for both stages: decoded, normalised, split into sentences.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "libradie/extract/loaded_model.h"
#include "libradie/text/document.h"
#include "libradie/text/normalize.h"
#include "radie/error.h"
#include "radie/extractor.h"
#include "radie/report.h"

namespace radie::internal {

// An entity with its place in both texts and its type as the schema's index.
struct PlacedEntity {
  SourceRange source;
  TextRange text;  // empty when normalisation left all of it out
  std::size_t type = 0;
  double confidence = 1.0;
};

// One report on its way through the stages. Views the caller's text.
struct PreparedReport {
  Document document;
  NormalizedText normalized;
  std::vector<TextRange> sentences;
  std::vector<Relation> relations = {};  // by (tail, head); filled by stage 2
  std::optional<Error> error = {};       // this report's own failure in a stage; the others go on
  std::vector<PlacedEntity> entities = {};  // in order of position; from stage 1 or the caller
  std::vector<Warning> warnings = {};
};

// Throws the report's Error (kLimitExceeded, kInvalidText).
PreparedReport Prepare(std::string_view text, const LoadedModel& model,
                       const ExtractorOptions& options);

// Places the caller's mentions. Throws Error(kInvalidArgument) for an unknown type, a bad range or
// overlapping mentions; names the mention by its position in the list.
void PlaceMentions(std::span<const EntityMention> mentions, OffsetUnit unit, const Schema& schema,
                   PreparedReport& report);

// For a model whose weights overflow on this report: neither tags nor relations follow from a NaN.
Error NotFinite(std::string_view stage);

// The public form of the report's entities.
std::vector<Entity> DescribeEntities(const PreparedReport& report, const Schema& schema);

}  // namespace radie::internal
