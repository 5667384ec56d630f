#include "libradie/extract/min_confidence.h"

#include <string>
#include <utility>
#include <vector>

namespace radie::internal {
namespace {

std::string Count(std::size_t n, const std::string& one, const std::string& many) {
  return std::to_string(n) + " " + (n == 1 ? one : many);
}

constexpr std::size_t kGone = static_cast<std::size_t>(-1);

// Takes the certainties over from the findings of the whole report.
void KeepCertainties(std::vector<Finding> whole, const std::vector<std::size_t>& new_index,
                     std::vector<Finding>& findings) {
  std::size_t next = 0;  // both are in order of position
  for (Finding& finding : whole) {
    if (new_index[finding.object] == kGone) continue;
    if (finding.certainty) {
      std::vector<std::size_t>& sources = finding.certainty->sources;
      for (std::size_t& source : sources) source = new_index[source];
      std::erase(sources, kGone);
    }
    findings[next++].certainty = std::move(finding.certainty);
  }
}

}  // namespace

void LeaveOutBelow(double minimum, StructuredReport& report) {
  std::vector<bool> was_object(report.entities.size(), false), is_object;
  for (const Finding& finding : report.findings) was_object[finding.object] = true;
  std::vector<std::size_t> new_index(report.entities.size(), kGone);
  std::vector<Entity> entities;
  for (std::size_t i = 0; i < report.entities.size(); ++i) {
    if (report.entities[i].confidence < minimum) continue;
    new_index[i] = entities.size();
    entities.push_back(std::move(report.entities[i]));
    is_object.push_back(was_object[i]);
  }
  const std::size_t entities_gone = report.entities.size() - entities.size();
  report.entities = std::move(entities);

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
  report.relations = std::move(relations);
  if (entities_gone + relations_gone == 0) return;
  std::vector<Finding> findings = AssembleFindings(report.entities, report.relations, is_object);
  KeepCertainties(std::move(report.findings), new_index, findings);
  report.findings = std::move(findings);
  report.warnings.push_back(
      {"below_min_confidence", Count(entities_gone, "entity", "entities") + " and " +
                                   Count(relations_gone, "relation", "relations") +
                                   " of less confidence than asked for were left out, and " +
                                   Count(orphans, "other relation", "other relations") +
                                   " of such entities"});
}

}  // namespace radie::internal
