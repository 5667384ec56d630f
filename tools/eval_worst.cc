#include "tools/eval_worst.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "tools/text_units.h"

namespace radie::tools {
namespace {

using Key = std::tuple<std::size_t, std::size_t, std::string>;  // begin, end, type

std::set<Key> KeysOf(const StructuredReport& report) {
  std::set<Key> keys;
  for (const Entity& entity : report.entities)
    keys.emplace(entity.span.code_points.begin, entity.span.code_points.end, entity.type);
  return keys;
}

std::vector<WrongEntity> OnlyIn(const std::set<Key>& some, const std::set<Key>& others,
                                const std::string& text, const std::vector<std::size_t>& starts) {
  std::vector<WrongEntity> wrong;
  for (const Key& key : some) {
    if (others.count(key) > 0) continue;
    const auto& [begin, end, type] = key;
    wrong.push_back({type, {begin, end}, text.substr(starts[begin], starts[end] - starts[begin])});
  }
  return wrong;
}

WorstText TextOf(const ReportOutcome& outcome) {
  WorstText text{outcome.gold->text, {}, {}};
  if (outcome.predicted == nullptr) return text;
  const std::set<Key> gold = KeysOf(outcome.gold->annotated);
  const std::set<Key> predicted = KeysOf(*outcome.predicted);
  const std::vector<std::size_t> starts = CodePointStarts(text.text);
  text.missed = OnlyIn(gold, predicted, text.text, starts);
  text.spurious = OnlyIn(predicted, gold, text.text, starts);
  return text;
}

ErrorCounts ErrorsOf(const Score& score) {
  return {score.gold - score.correct, score.predicted - score.correct};
}

}  // namespace

void WorstReports::Offer(const ReportOutcome& outcome) {
  reports_.Offer(outcome.gold->has_relations,
                 [&](bool relations, auto& reports) { Keep(outcome, relations, reports); });
}

void WorstReports::Keep(const ReportOutcome& outcome, bool relations,
                        std::vector<WorstReport>& reports) const {
  WorstReport report;
  report.id = outcome.gold->id;
  report.failed = outcome.failed;
  if (outcome.end_to_end != nullptr) {
    report.entities = ErrorsOf(outcome.end_to_end->entities_strict);
    report.errors += report.entities->all();
    if (outcome.relations_end_to_end && relations) {
      report.relations_two_stage = ErrorsOf(outcome.end_to_end->relations_strict);
      report.errors += report.relations_two_stage->all();
    }
  }
  if (outcome.on_gold != nullptr && relations) {
    report.relations_on_gold = ErrorsOf(outcome.on_gold->relations_strict);
    if (outcome.end_to_end == nullptr) report.errors += report.relations_on_gold->all();
  }
  if (report.errors == 0) return;
  const auto place =
      std::upper_bound(reports.begin(), reports.end(), report,
                       [](const auto& a, const auto& b) { return a.errors > b.errors; });
  if (place == reports.end() && reports.size() >= count_) return;
  if (with_text_) report.text = TextOf(outcome);
  reports.insert(place, std::move(report));
  if (reports.size() > count_) reports.pop_back();
}

}  // namespace radie::tools
