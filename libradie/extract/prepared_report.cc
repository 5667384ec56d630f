#include "libradie/extract/prepared_report.h"

#include <algorithm>
#include <string>

#include "radie/error.h"

namespace radie::internal {

PreparedReport Prepare(std::string_view text, const LoadedModel& model,
                       const ExtractorOptions& options) {
  if (text.size() > options.max_report_bytes) {
    throw Error(ErrorCode::kLimitExceeded, "report: " + std::to_string(text.size()) +
                                               " bytes are more than max_report_bytes = " +
                                               std::to_string(options.max_report_bytes));
  }
  Document document = Document::Decode(text);
  NormalizedText normalized = model.normalization.Apply(document);
  std::vector<TextRange> sentences = SplitSentences(normalized.text, model.sentences);
  return {.document = std::move(document),
          .normalized = std::move(normalized),
          .sentences = std::move(sentences)};
}

void PlaceMentions(std::span<const EntityMention> mentions, OffsetUnit unit, const Schema& schema,
                   PreparedReport& report) {
  for (std::size_t i = 0; i < mentions.size(); ++i) {
    const std::string where = "entities[" + std::to_string(i) + "]";
    std::optional<std::size_t> type = schema.FindEntityType(mentions[i].type);
    if (!type) throw Error(ErrorCode::kInvalidArgument, where + ".type: not in the model's schema");
    PlacedEntity entity;
    try {
      entity.source = report.document.FromUnit(mentions[i].range, unit);
    } catch (const Error& error) {
      throw Error(error.code(), where + ": " + error.what(), error.offset());
    }
    entity.text = report.normalized.map.ToText(entity.source);
    entity.type = *type;
    report.entities.push_back(entity);
  }
  std::stable_sort(
      report.entities.begin(), report.entities.end(),
      [](const PlacedEntity& a, const PlacedEntity& b) { return a.source.begin < b.source.begin; });
  for (std::size_t i = 1; i < report.entities.size(); ++i) {
    if (report.entities[i].source.Overlaps(report.entities[i - 1].source)) {
      throw Error(ErrorCode::kInvalidArgument,
                  "entities: two mentions overlap at byte " +
                      std::to_string(report.entities[i].source.begin),
                  report.entities[i].source.begin);
    }
  }
}

Error NotFinite(std::string_view stage) {
  return Error(
      ErrorCode::kInvalidModel,
      std::string(stage) + ": the model computes values that are not finite on this report");
}

std::vector<Entity> DescribeEntities(const PreparedReport& report, const Schema& schema) {
  std::vector<Entity> entities;
  entities.reserve(report.entities.size());
  for (const PlacedEntity& placed : report.entities) {
    const std::string_view text =
        report.document.text().substr(placed.source.begin, placed.source.size());
    entities.push_back({schema.entity_types[placed.type].name, report.document.Span(placed.source),
                        std::string(text), placed.confidence});
  }
  return entities;
}

}  // namespace radie::internal
