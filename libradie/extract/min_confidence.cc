#include "libradie/extract/min_confidence.h"

#include <string>
#include <utility>

namespace radie::internal {
namespace {

std::string Count(std::size_t n, const std::string& one, const std::string& many) {
  return std::to_string(n) + " " + (n == 1 ? one : many);
}

}  // namespace

void LeaveOutBelow(double minimum, PreparedReport& report) {
  constexpr std::size_t kGone = static_cast<std::size_t>(-1);
  std::vector<std::size_t> new_index(report.entities.size(), kGone);
  std::vector<PlacedEntity> entities;
  for (std::size_t i = 0; i < report.entities.size(); ++i) {
    if (report.entities[i].confidence < minimum) continue;
    new_index[i] = entities.size();
    entities.push_back(report.entities[i]);
  }
  const std::size_t entities_gone = report.entities.size() - entities.size();

  std::size_t relations_gone = 0, orphans = 0;
  std::vector<Relation> relations;
  for (Relation& relation : report.relations) {
    const std::size_t head = new_index[relation.head], tail = new_index[relation.tail];
    if (relation.confidence < minimum) {
      ++relations_gone;
    } else if (head == kGone || tail == kGone) {
      ++orphans;
    } else {
      relation.head = head;
      relation.tail = tail;
      relations.push_back(std::move(relation));
    }
  }
  if (entities_gone + relations_gone == 0) return;
  report.entities = std::move(entities);
  report.relations = std::move(relations);
  report.warnings.push_back(
      {"below_min_confidence", Count(entities_gone, "entity", "entities") + " and " +
                                   Count(relations_gone, "relation", "relations") +
                                   " of less confidence than asked for were left out, and " +
                                   Count(orphans, "other relation", "other relations") +
                                   " of such entities"});
}

}  // namespace radie::internal
