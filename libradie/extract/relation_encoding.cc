#include "libradie/extract/relation_encoding.h"

#include <algorithm>
#include <utility>

#include "libradie/extract/marked_sequence.h"

namespace radie::internal {
namespace {

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

class CandidateEncoder {
 public:
  CandidateEncoder(const RelationInput& input, const RelationStage& stage,
                   const RelationsConfig& config)
      : input_(input), stage_(stage), config_(config) {}

  RelationSequences Run(const Candidates& candidates) {
    if (config_.layout == RelationsConfig::Layout::kTail) {
      EncodeTail(candidates);
    } else {
      for (std::size_t head : candidates.heads) EncodePair(head, candidates.tail);
    }
    return std::move(result_);
  }

 private:
  // [CLS] text [SEP], with two markers for each of `mentions` mentions, within the positions?
  bool Fits(TokenRange text, std::size_t mentions) const {
    return text.size() + 2 * mentions + 2 <= config_.encoder.max_positions;
  }

  // Takes one token of context from the longer side; the right one when equal.
  static void Shrink(TokenRange& text, TokenRange core) {
    if (core.begin - text.begin > text.end - core.end) {
      ++text.begin;
    } else {
      --text.end;
    }
  }

  void EncodePair(std::size_t head, std::size_t tail) {
    const TokenRange a = input_.mentions[head].tokens, b = input_.mentions[tail].tokens;
    const TokenRange core = {std::min(a.begin, b.begin), std::max(a.end, b.end)};
    if (!Fits(core, 2)) {
      ++result_.out_of_window;
      return;
    }
    TokenRange text = WithContext(input_, core, config_.context_tokens);
    while (!Fits(text, 2)) Shrink(text, core);
    std::vector<MarkedMention> marked = {Marked(head, false), Marked(tail, true)};
    const std::size_t head_place = head < tail ? 0 : 1;
    if (head_place == 1) std::swap(marked[0], marked[1]);
    result_.sequences.push_back(
        BuildMarkedSequence(input_.tokens, text, *stage_.tokenizer, marked));
    result_.pairs.push_back({head, tail, result_.sequences.size() - 1,
                             RowsOf(marked[head_place], marked[1 - head_place], config_.pooling)});
  }

  void EncodeTail(const Candidates& candidates) {
    const TokenRange core = input_.mentions[candidates.tail].tokens;
    TokenRange text = WithContext(input_, core, config_.context_tokens);
    std::vector<std::size_t> inside = ReadableInside(text);
    while (!Fits(text, inside.size())) {
      if (text ==
          core) {  // another mention may share the object's tokens, and its markers do not fit
        result_.out_of_window += candidates.heads.size();
        return;
      }
      Shrink(text, core);
      // The window only shrinks: what falls out is at one of its ends.
      if (input_.mentions[inside.front()].tokens.begin < text.begin) inside.erase(inside.begin());
      if (input_.mentions[inside.back()].tokens.end > text.end) inside.pop_back();
    }
    std::vector<MarkedMention> marked;
    for (std::size_t mention : inside)
      marked.push_back(Marked(mention, mention == candidates.tail));
    result_.sequences.push_back(
        BuildMarkedSequence(input_.tokens, text, *stage_.tokenizer, marked));
    auto marked_of = [&](std::size_t mention) -> const MarkedMention* {
      const auto place = std::lower_bound(inside.begin(), inside.end(), mention);
      return place == inside.end() || *place != mention ? nullptr : &marked[place - inside.begin()];
    };
    for (std::size_t head : candidates.heads) {
      if (const MarkedMention* found = marked_of(head)) {
        result_.pairs.push_back({head, candidates.tail, 0,
                                 RowsOf(*found, *marked_of(candidates.tail), config_.pooling)});
      } else {
        ++result_.out_of_window;
      }
    }
    if (result_.pairs.empty()) result_.sequences.clear();
  }

  // The mentions that have tokens and lie wholly inside the text, in order.
  std::vector<std::size_t> ReadableInside(TokenRange text) const {
    std::vector<std::size_t> readable;
    const auto [first, last] = MentionsInside(input_, text);
    for (std::size_t m = first; m < last; ++m) {
      if (!input_.mentions[m].tokens.empty()) readable.push_back(m);
    }
    return readable;
  }

  MarkedMention Marked(std::size_t mention, bool as_tail) const {
    const MarkerIds& ids = stage_.markers[input_.mentions[mention].type];
    return {input_.mentions[mention].tokens, as_tail ? ids.tail_start : ids.head_start,
            as_tail ? ids.tail_end : ids.head_end};
  }

  const RelationInput& input_;
  const RelationStage& stage_;
  const RelationsConfig& config_;
  RelationSequences result_;
};

}  // namespace

TokenRange WithContext(const RelationInput& input, TokenRange core, std::size_t context) {
  const std::size_t left = std::min(core.begin, context);
  const std::size_t right = std::min(input.tokens.size() - core.end, context);
  return {core.begin - left, core.end + right};
}

std::pair<std::size_t, std::size_t> MentionsInside(const RelationInput& input, TokenRange text) {
  const auto& mentions = input.mentions;
  auto first = std::partition_point(mentions.begin(), mentions.end(), [&](const auto& mention) {
    return mention.tokens.begin < text.begin;
  });
  auto last = std::partition_point(
      first, mentions.end(), [&](const auto& mention) { return mention.tokens.end <= text.end; });
  return {first - mentions.begin(), last - mentions.begin()};
}

RelationSequences EncodeCandidates(const RelationInput& input, const RelationStage& stage,
                                   const RelationsConfig& config, const Candidates& candidates) {
  return CandidateEncoder(input, stage, config).Run(candidates);
}

}  // namespace radie::internal
