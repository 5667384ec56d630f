#include "tools/gold.h"

#include <utility>

#include "tools/exit_codes.h"

namespace radie::tools {

GoldReader::GoldReader(const std::string& path, const ReadOptions& options)
    : reader_(path, {options.repair_tags, true}) {}

bool GoldReader::Next(GoldReport& report) {
  SourceDocument document;
  if (!reader_.Next(document)) return false;
  if (document.is_error)
    throw ExitError(kExitSomeFailed, PlaceOf(document) + ": an error record is no gold report");
  if (!ids_.insert(document.id).second)
    throw ExitError(kExitSomeFailed, PlaceOf(document) + ": id: used twice");
  std::optional<std::string> text = TextOf(document);
  if (!text) throw ExitError(kExitSomeFailed, PlaceOf(document) + ": no .txt file beside it");
  report = {};
  report.id = document.id;
  report.place = PlaceOf(document);
  report.text = std::move(*text);
  report.has_relations = document.has_relations;
  report.annotated = AnnotatedReport(document, report.text, reader_.notes());
  for (const Entity& entity : report.annotated.entities)
    report.mentions.push_back({entity.type, entity.span.code_points});
  return true;
}

Predictions::Predictions(const std::string& path, const ReadOptions& options) {
  DocumentReader reader(path, options);
  for (SourceDocument document; reader.Next(document);) {
    const std::string place = PlaceOf(document);
    std::string id = document.id;
    have_relations_ = have_relations_ || document.has_relations;
    if (!by_id_.emplace(std::move(id), Entry{std::move(document), false}).second)
      throw ExitError(kExitSomeFailed, place + ": id: used twice");
  }
  notes_ = reader.notes();
}

const SourceDocument* Predictions::Take(const GoldReport& gold) {
  constexpr std::string_view kText = ".txt";
  auto found = by_id_.find(gold.id);
  if (found == by_id_.end()) found = by_id_.find(gold.id + std::string(kText));
  if (found == by_id_.end() && gold.id.size() > kText.size() && gold.id.ends_with(kText))
    found = by_id_.find(gold.id.substr(0, gold.id.size() - kText.size()));
  if (found == by_id_.end()) return nullptr;
  if (std::exchange(found->second.taken, true)) {
    throw ExitError(kExitSomeFailed,
                    gold.place + ": id: another gold report was matched with the same prediction");
  }
  return &found->second.document;
}

const SourceDocument* Predictions::TakeOnly() {
  if (by_id_.size() != 1) return nullptr;
  by_id_.begin()->second.taken = true;
  return &by_id_.begin()->second.document;
}

std::vector<std::string> Predictions::NotTaken() const {
  std::vector<std::string> ids;
  for (const auto& [id, entry] : by_id_) {
    if (!entry.taken) ids.push_back(id);
  }
  return ids;
}

}  // namespace radie::tools
