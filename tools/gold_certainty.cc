#include "tools/gold_certainty.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "radie/certainty.h"
#include "tools/text_units.h"

namespace radie::tools {

bool HasCertainty(const StructuredReport& report) {
  return std::any_of(report.findings.begin(), report.findings.end(),
                     [](const Finding& finding) { return finding.certainty.has_value(); });
}

StructuredReport WithDerivedCertainty(const GoldReport& gold) {
  const std::vector<Entity>& entities = gold.annotated.entities;
  const std::vector<std::size_t> starts = CodePointStarts(gold.text);
  std::vector<std::size_t> order(entities.size()), place(entities.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return entities[a].span.code_points.begin < entities[b].span.code_points.begin;
  });
  StructuredReport derived;
  for (std::size_t i = 0; i < order.size(); ++i) {
    place[order[i]] = i;
    Entity entity = entities[order[i]];
    const Range& range = entity.span.code_points;
    entity.span.utf8 = {starts[range.begin], starts[range.end]};
    entity.text = gold.text.substr(starts[range.begin], starts[range.end] - starts[range.begin]);
    derived.entities.push_back(std::move(entity));
  }
  std::vector<bool> is_object(entities.size(), false);
  for (const Finding& finding : gold.annotated.findings) is_object[place[finding.object]] = true;
  for (Relation relation : gold.annotated.relations) {
    relation.head = place[relation.head];
    relation.tail = place[relation.tail];
    is_object[relation.tail] = true;
    derived.relations.push_back(std::move(relation));
  }
  derived.findings = AssembleFindings(derived.entities, derived.relations, is_object);
  AttachCertainty(gold.text, derived);
  return derived;
}

}  // namespace radie::tools
