#include <algorithm>

#include "radie/report.h"

namespace radie {

std::vector<Finding> AssembleFindings(const std::vector<Entity>& entities,
                                      const std::vector<Relation>& relations,
                                      const std::vector<bool>& is_object) {
  if (is_object.size() != entities.size()) {
    throw Error(ErrorCode::kInvalidArgument,
                "AssembleFindings: is_object is not as long as entities");
  }
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::vector<Finding> findings;
  std::vector<std::size_t> finding_of(entities.size(), kNone);
  for (std::size_t e = 0; e < entities.size(); ++e) {
    if (!is_object[e]) continue;
    finding_of[e] = findings.size();
    findings.push_back({e, {}, {}});
  }
  for (const Relation& relation : relations) {
    if (relation.head >= entities.size() || relation.tail >= entities.size()) {
      throw Error(ErrorCode::kInvalidArgument, "AssembleFindings: a relation names no entity");
    }
    const std::size_t head = finding_of[relation.head], tail = finding_of[relation.tail];
    if (tail != kNone) {
      (head == kNone ? findings[tail].attributes : findings[tail].evidence)
          .push_back(relation.head);
    } else if (head != kNone) {
      findings[head].attributes.push_back(relation.tail);
    }
  }
  for (Finding& finding : findings) {
    for (std::vector<std::size_t>* list : {&finding.attributes, &finding.evidence}) {
      std::sort(list->begin(), list->end());
      list->erase(std::unique(list->begin(), list->end()), list->end());
    }
  }
  return findings;
}

}  // namespace radie
