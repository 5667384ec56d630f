#include "libradie/extract/relation_encoding.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "libradie/extract/marked_sequence.h"

namespace radie::internal {
namespace {

// The rows a mention contributes, of those from its first to its last one: markers, or its own
// where it has none.
std::array<std::size_t, 2> EdgeRows(std::size_t first, std::size_t last,
                                    RelationsConfig::Pooling pooling) {
  switch (pooling) {
    case RelationsConfig::Pooling::kStart:
      return {first, first};
    case RelationsConfig::Pooling::kEnd:
      return {last, last};
    case RelationsConfig::Pooling::kBoth:
    case RelationsConfig::Pooling::kSpan:
    case RelationsConfig::Pooling::kMention:
      return {first, last};
    case RelationsConfig::Pooling::kCls:
      break;
  }
  return {};  // [CLS] is the first row
}

std::array<std::size_t, 2> MarkedRows(const MarkedMention& mention,
                                      RelationsConfig::Pooling pooling) {
  // At least one token stands between the two markers.
  const std::size_t inside = pooling == RelationsConfig::Pooling::kMention ? 1 : 0;
  return EdgeRows(mention.start_row + inside, mention.end_row - inside, pooling);
}

PairRows RowsOf(const MarkedMention& head, const MarkedMention& tail,
                RelationsConfig::Pooling pooling) {
  return {MarkedRows(head, pooling), MarkedRows(tail, pooling)};
}

// The object's sentence, and what lies round it until that is `tokens` long: half of what it lacks
// to the left, the rest to the right, clipped to the report.
TokenRange SentenceOf(const RelationInput& input, TokenRange object, std::size_t tokens) {
  const auto& sentences = input.sentence_of;
  const auto [first, last] =
      std::equal_range(sentences.begin(), sentences.end(), sentences[object.begin]);
  const auto begin = static_cast<std::size_t>(first - sentences.begin());
  const auto end = static_cast<std::size_t>(last - sentences.begin());
  const std::size_t lacking = tokens > end - begin ? tokens - (end - begin) : 0;
  const std::size_t left = std::min(lacking / 2, begin);
  const std::size_t right = std::min(lacking - lacking / 2, sentences.size() - end);
  return {begin - left, std::max(end + right, object.end)};
}

// Windows of `size` tokens over the text, each half covered by the next one: the first of those
// in which the object stands farthest from a cut. Nothing when none holds it.
std::optional<TokenRange> SharedWindow(TokenRange text, std::size_t size, TokenRange object) {
  const std::size_t length = text.size();
  object = {object.begin - text.begin, object.end - text.begin};
  std::optional<TokenRange> best;
  std::size_t most = 0;
  for (std::size_t begin = 0;;
       begin = std::min(begin + std::max<std::size_t>(1, size / 2), length - size)) {
    const TokenRange window = {begin, std::min(begin + size, length)};
    if (object.begin >= window.begin && object.end <= window.end) {
      const std::size_t left = window.begin == 0 ? length : object.begin - window.begin;
      const std::size_t right = window.end == length ? length : window.end - object.end;
      if (!best || std::min(left, right) > most) best = window, most = std::min(left, right);
    }
    if (window.end == length) break;
  }
  if (best) best = {best->begin + text.begin, best->end + text.begin};
  return best;
}

class CandidateEncoder {
 public:
  CandidateEncoder(const RelationInput& input, const RelationStage& stage,
                   const RelationsConfig& config)
      : input_(input), stage_(stage), config_(config) {}

  RelationSequences Run(const Candidates& candidates) {
    switch (config_.layout) {
      case RelationsConfig::Layout::kPair:
        for (std::size_t head : candidates.heads) EncodePair(head, candidates.tail);
        break;
      case RelationsConfig::Layout::kTail:
        EncodeTail(candidates);
        break;
      case RelationsConfig::Layout::kShared:
      case RelationsConfig::Layout::kLevitated:
        EncodeWindow(candidates);
        break;
    }
    return std::move(result_);
  }

 private:
  // How many special tokens a sequence has.
  std::size_t Specials() const { return config_.separator ? 2 : 1; }

  // [CLS] text [SEP], with two markers for each of `mentions` mentions, within the positions?
  bool Fits(TokenRange text, std::size_t mentions) const {
    return text.size() + 2 * mentions + Specials() <= config_.encoder.max_positions;
  }

  Sequence MarkedSequence(TokenRange text, std::vector<MarkedMention>& marked) const {
    Sequence sequence{BuildMarkedSequence(input_.tokens, text, *stage_.tokenizer, marked), {}};
    if (!config_.separator) sequence.ids.pop_back();
    return sequence;
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
    result_.sequences.push_back(MarkedSequence(text, marked));
    result_.pairs.push_back(
        {head,
         tail,
         result_.sequences.size() - 1,
         {RowsOf(marked[head_place], marked[1 - head_place], config_.pooling), {}}});
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
      // The window only shrinks: what falls out is at one of its ends, and more than one mention
      // where several share a token. The object itself never does.
      while (input_.mentions[inside.front()].tokens.begin < text.begin)
        inside.erase(inside.begin());
      while (input_.mentions[inside.back()].tokens.end > text.end) inside.pop_back();
    }
    std::vector<MarkedMention> marked;
    marked.reserve(inside.size());
    for (std::size_t mention : inside)
      marked.push_back(Marked(mention, mention == candidates.tail));
    result_.sequences.push_back(MarkedSequence(text, marked));
    auto marked_of = [&](std::size_t mention) -> const MarkedMention* {
      const auto place = std::lower_bound(inside.begin(), inside.end(), mention);
      return place == inside.end() || *place != mention ? nullptr : &marked[place - inside.begin()];
    };
    for (std::size_t head : candidates.heads) {
      if (const MarkedMention* found = marked_of(head)) {
        result_.pairs.push_back(
            {head,
             candidates.tail,
             0,
             {RowsOf(*found, *marked_of(candidates.tail), config_.pooling), {}}});
      } else {
        ++result_.out_of_window;
      }
    }
    if (result_.pairs.empty()) result_.sequences.clear();
  }

  // What is cut into windows where it is too long: with layout `levitated` and scope `sentence` the
  // object's sentence, else the report.
  TokenRange TextRound(TokenRange object) const {
    if (config_.layout == RelationsConfig::Layout::kLevitated &&
        config_.scope == RelationsConfig::Scope::kSentence) {
      return SentenceOf(input_, object, config_.context_tokens);
    }
    return {0, input_.tokens.size()};
  }

  // The tails of one window give the same sequence, which is encoded once.
  void EncodeWindow(const Candidates& candidates) {
    const TokenRange object = input_.mentions[candidates.tail].tokens;
    const std::optional<TokenRange> window =
        SharedWindow(TextRound(object), config_.encoder.max_positions - Specials(), object);
    if (!window) {
      result_.out_of_window += candidates.heads.size();
      return;
    }
    for (std::size_t head : candidates.heads) {
      const TokenRange tokens = input_.mentions[head].tokens;
      if (tokens.begin < window->begin || tokens.end > window->end) {
        ++result_.out_of_window;
        continue;
      }
      result_.pairs.push_back({head, candidates.tail, 0, Question(head, candidates.tail, *window)});
    }
    if (!result_.pairs.empty()) result_.sequences.push_back(WindowSequence(*window));
  }

  PairQuestion Question(std::size_t head, std::size_t tail, TokenRange window) const {
    // The rows of a mention's first and last token.
    const auto edges = [&](std::size_t mention) {
      const TokenRange tokens = input_.mentions[mention].tokens;
      return std::array{tokens.begin - window.begin + 1, tokens.end - window.begin};
    };
    const auto [head_first, head_last] = edges(head);
    const auto [tail_first, tail_last] = edges(tail);
    if (config_.layout == RelationsConfig::Layout::kShared) {
      return {{EdgeRows(head_first, head_last, config_.pooling),
               EdgeRows(tail_first, tail_last, config_.pooling)},
              {}};
    }
    const MarkerIds& head_ids = stage_.markers[input_.mentions[head].type];
    const MarkerIds& tail_ids = stage_.markers[input_.mentions[tail].type];
    MarkerGroup markers;
    markers.ids = {head_ids.head_start, head_ids.head_end, tail_ids.tail_start, tail_ids.tail_end};
    const std::size_t positions[] = {head_first, head_last, tail_first, tail_last};
    std::copy(std::begin(positions), std::end(positions), markers.positions.begin());
    return {{EdgeRows(0, 1, config_.pooling), EdgeRows(2, 3, config_.pooling)}, markers};
  }

  // [CLS] tokens [SEP]. With layout `shared` a token's type tells its mention's type, and whether
  // it is the first of it; a token of two mentions belongs to the first.
  Sequence WindowSequence(TokenRange window) const {
    Sequence sequence;
    sequence.ids.reserve(window.size() + 2);
    sequence.ids.push_back(stage_.tokenizer->cls());
    sequence.ids.insert(sequence.ids.end(), input_.tokens.begin() + window.begin,
                        input_.tokens.begin() + window.end);
    if (config_.separator) sequence.ids.push_back(stage_.tokenizer->sep());
    if (config_.layout == RelationsConfig::Layout::kLevitated) return sequence;
    sequence.types.resize(sequence.ids.size(), 0);
    for (std::size_t mention : ReadableInside(window)) {
      const auto [tokens, type] = input_.mentions[mention];
      for (std::size_t t = tokens.begin; t < tokens.end; ++t) {
        std::int32_t& at = sequence.types[t - window.begin + 1];
        if (at == 0) at = static_cast<std::int32_t>(1 + 2 * type + (t > tokens.begin ? 1 : 0));
      }
    }
    return sequence;
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
