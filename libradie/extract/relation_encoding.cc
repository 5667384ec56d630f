#include "libradie/extract/relation_encoding.h"

#include <algorithm>
#include <string>
#include <utility>

#include "libradie/extract/marked_sequence.h"
#include "radie/error.h"

namespace radie::internal {
namespace {

using Mention = RelationInput::Mention;

// The rows a mention contributes: its start marker, its end marker, or both.
std::vector<std::size_t> MarkerRows(const MarkedMention& mention,
                                    RelationsConfig::Pooling pooling) {
  switch (pooling) {
    case RelationsConfig::Pooling::kStart:
      return {mention.start_row};
    case RelationsConfig::Pooling::kEnd:
      return {mention.end_row};
    case RelationsConfig::Pooling::kBoth:
      return {mention.start_row, mention.end_row};
    case RelationsConfig::Pooling::kCls:
      break;
  }
  return {0};
}

PairRows RowsOf(const MarkedMention& head, const MarkedMention& tail,
                RelationsConfig::Pooling pooling) {
  if (pooling == RelationsConfig::Pooling::kCls) return {{0}, {}};
  return {MarkerRows(head, pooling), MarkerRows(tail, pooling)};
}

class Planner {
 public:
  Planner(const RelationInput& input, const RelationStage& stage, const RelationsConfig& config,
          std::size_t max_pairs)
      : input_(input), stage_(stage), config_(config), max_pairs_(max_pairs) {}

  RelationPlan Run() {
    for (std::size_t tail = 0; tail < input_.mentions.size(); ++tail) {
      std::vector<std::size_t> heads = HeadsInScope(tail);
      if (heads.empty()) continue;
      if (config_.layout == RelationsConfig::Layout::kPair) {
        for (std::size_t head : heads) PlanPair(head, tail);
      } else {
        PlanTail(heads, tail);
      }
    }
    return std::move(plan_);
  }

 private:
  bool InScope(const Mention& head, const Mention& tail) const {
    switch (config_.scope) {
      case RelationsConfig::Scope::kReport:
        return true;
      case RelationsConfig::Scope::kSentence:
        return input_.sentence_of[head.tokens.begin] == input_.sentence_of[tail.tokens.begin];
      case RelationsConfig::Scope::kTokens: {
        const auto& [first, last] = std::minmax(head.tokens, tail.tokens,
                                                [](auto& a, auto& b) { return a.begin < b.begin; });
        return last.begin <= first.end || last.begin - first.end <= config_.scope_limit;
      }
    }
    return false;
  }

  // The mentions that are candidates with this tail: types allowed, both standing on tokens, near
  // enough. With the scopes that have a reach, mentions beyond it end the search, so the cost does
  // not grow with the square of the report.
  std::vector<std::size_t> HeadsInScope(std::size_t tail) {
    std::vector<std::size_t> heads;
    const Mention& object = input_.mentions[tail];
    if (object.tokens.empty()) return heads;
    auto consider = [&](std::size_t head) {
      const Mention& mention = input_.mentions[head];
      if (mention.tokens.empty()) return true;
      if (!InScope(mention, object)) return false;
      if (IsCandidate(mention, object)) heads.push_back(head);
      return true;
    };
    for (std::size_t head = tail; head-- > 0;) {
      if (!consider(head)) break;
    }
    std::reverse(heads.begin(), heads.end());
    for (std::size_t head = tail + 1; head < input_.mentions.size(); ++head) {
      if (!consider(head)) break;
    }
    candidates_ += heads.size();
    if (candidates_ > max_pairs_) {
      throw Error(ErrorCode::kLimitExceeded,
                  "report: more candidate pairs than max_pairs = " + std::to_string(max_pairs_));
    }
    return heads;
  }

  bool IsCandidate(const Mention& head, const Mention& tail) const {
    const std::vector<bool>& allowed =
        stage_.allowed[head.type * stage_.markers.size() + tail.type];
    for (std::size_t label = 0; label < allowed.size(); ++label) {
      if (allowed[label] && label != stage_.none_label) return true;
    }
    return false;
  }

  // [CLS] text [SEP], with two markers for each of `mentions` mentions, within the encoder's
  // positions?
  bool Fits(TokenRange text, std::size_t mentions) const {
    return text.size() + 2 * mentions + 2 <= config_.encoder.max_positions;
  }

  TokenRange WithContext(TokenRange core) const {
    const std::size_t left = std::min(core.begin, config_.context_tokens);
    const std::size_t right = std::min(input_.tokens.size() - core.end, config_.context_tokens);
    return {core.begin - left, core.end + right};
  }

  // Takes one token of context from the longer side; the right one when equal.
  static void Shrink(TokenRange& text, TokenRange core) {
    if (core.begin - text.begin > text.end - core.end) {
      ++text.begin;
    } else {
      --text.end;
    }
  }

  void PlanPair(std::size_t head, std::size_t tail) {
    const TokenRange a = input_.mentions[head].tokens, b = input_.mentions[tail].tokens;
    const TokenRange core = {std::min(a.begin, b.begin), std::max(a.end, b.end)};
    if (!Fits(core, 2)) {
      ++plan_.out_of_window;
      return;
    }
    TokenRange text = WithContext(core);
    while (!Fits(text, 2)) Shrink(text, core);
    std::vector<MarkedMention> marked = {Marked(head, false), Marked(tail, true)};
    const bool head_first = head < tail;
    if (!head_first) std::swap(marked[0], marked[1]);
    plan_.sequences.push_back(BuildMarkedSequence(input_.tokens, text, *stage_.tokenizer, marked));
    plan_.pairs.push_back(
        {head, tail, plan_.sequences.size() - 1,
         RowsOf(marked[head_first ? 0 : 1], marked[head_first ? 1 : 0], config_.pooling)});
  }

  void PlanTail(const std::vector<std::size_t>& heads, std::size_t tail) {
    const TokenRange core = input_.mentions[tail].tokens;
    TokenRange text = WithContext(core);
    std::pair<std::size_t, std::size_t> inside = MentionsInside(text);
    const std::size_t reached = CountInside(heads, inside);
    if (!Fits(core, 1)) {
      plan_.out_of_window += reached;
      return;
    }
    while (!Fits(text, inside.second - inside.first)) {
      Shrink(text, core);
      inside = MentionsInside(text);
    }
    std::vector<MarkedMention> marked;
    std::vector<std::size_t> place(inside.second -
                                   inside.first);  // where a mention stands in `marked`
    for (std::size_t m = inside.first; m < inside.second; ++m) {
      place[m - inside.first] = marked.size();
      if (!input_.mentions[m].tokens.empty()) marked.push_back(Marked(m, m == tail));
    }
    std::vector<std::int32_t> sequence =
        BuildMarkedSequence(input_.tokens, text, *stage_.tokenizer, marked);
    std::size_t read = 0;
    for (std::size_t head : heads) {
      if (head < inside.first || head >= inside.second) continue;
      ++read;
      plan_.pairs.push_back({head, tail, plan_.sequences.size(),
                             RowsOf(marked[place[head - inside.first]],
                                    marked[place[tail - inside.first]], config_.pooling)});
    }
    plan_.out_of_window += reached - read;
    if (read > 0) plan_.sequences.push_back(std::move(sequence));
  }

  // The mentions [first, last) that lie wholly inside the text; mentions are in order and do not
  // overlap.
  std::pair<std::size_t, std::size_t> MentionsInside(TokenRange text) const {
    const auto& mentions = input_.mentions;
    auto first = std::partition_point(mentions.begin(), mentions.end(), [&](const Mention& m) {
      return m.tokens.begin < text.begin;
    });
    auto last = std::partition_point(first, mentions.end(),
                                     [&](const Mention& m) { return m.tokens.end <= text.end; });
    return {first - mentions.begin(), last - mentions.begin()};
  }

  static std::size_t CountInside(const std::vector<std::size_t>& heads,
                                 std::pair<std::size_t, std::size_t> inside) {
    return static_cast<std::size_t>(std::count_if(heads.begin(), heads.end(), [&](std::size_t h) {
      return inside.first <= h && h < inside.second;
    }));
  }

  MarkedMention Marked(std::size_t mention, bool as_tail) const {
    const MarkerIds& ids = stage_.markers[input_.mentions[mention].type];
    return {input_.mentions[mention].tokens, as_tail ? ids.tail_start : ids.head_start,
            as_tail ? ids.tail_end : ids.head_end};
  }

  const RelationInput& input_;
  const RelationStage& stage_;
  const RelationsConfig& config_;
  const std::size_t max_pairs_;
  std::size_t candidates_ = 0;
  RelationPlan plan_;
};

}  // namespace

RelationPlan PlanRelations(const RelationInput& input, const RelationStage& stage,
                           const RelationsConfig& config, std::size_t max_pairs) {
  return Planner(input, stage, config, max_pairs).Run();
}

}  // namespace radie::internal
