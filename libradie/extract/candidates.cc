// Which pairs of mentions stage 2 looks at.
#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "libradie/extract/relation_encoding.h"
#include "radie/error.h"

namespace radie::internal {
namespace {

using Mention = RelationInput::Mention;

class CandidateFinder {
 public:
  CandidateFinder(const RelationInput& input, const RelationStage& stage,
                  const RelationsConfig& config)
      : input_(input), config_(config), types_(stage.entity_types) {
    has_heads_.resize(types_, false);
    for (std::size_t pair = 0; pair < stage.allowed.size(); ++pair) {
      const std::vector<bool>& allowed = stage.allowed[pair];
      candidate_.push_back(std::count(allowed.begin(), allowed.end(), true) >
                           1);  // more than `none`
      if (candidate_.back()) has_heads_[pair % types_] = true;
    }
  }

  // Calls visit(head) for every candidate of the tail, in order.
  template <typename Visit>
  void ForEachHead(std::size_t tail, const Visit& visit) const {
    const Mention& object = input_.mentions[tail];
    if (object.tokens.empty() || !has_heads_[object.type]) return;
    std::size_t first = 0, last = input_.mentions.size();
    if (HasReach()) {
      std::tie(first, last) =
          MentionsInside(input_, WithContext(input_, object.tokens, config_.context_tokens));
    }
    // With a scope that has a reach, the first mention beyond it ends the search on that side.
    std::size_t begin = tail, end = tail + 1;
    while (begin > first && InScope(begin - 1, tail)) --begin;
    while (end < last && InScope(end, tail)) ++end;
    for (std::size_t head = begin; head < end; ++head) {
      const Mention& mention = input_.mentions[head];
      if (head != tail && !mention.tokens.empty() &&
          candidate_[mention.type * types_ + object.type]) {
        visit(head);
      }
    }
  }

 private:
  // Does the context limit who is a candidate? Not where a pair or a sentence is read whatever its
  // length.
  bool HasReach() const {
    using Layout = RelationsConfig::Layout;
    const bool sentences = config_.scope == RelationsConfig::Scope::kSentence;
    return config_.layout != Layout::kPair && !(config_.layout == Layout::kLevitated && sentences);
  }

  bool InScope(std::size_t head, std::size_t tail) const {
    const TokenRange first = input_.mentions[std::min(head, tail)].tokens;
    const TokenRange last = input_.mentions[std::max(head, tail)].tokens;
    switch (config_.scope) {
      case RelationsConfig::Scope::kReport:
        return true;
      case RelationsConfig::Scope::kSentence:  // a mention without tokens is never a candidate
        return first.empty() || last.empty() ||
               input_.sentence_of[first.begin] == input_.sentence_of[last.begin];
      case RelationsConfig::Scope::kTokens:
        return last.begin <= first.end || last.begin - first.end <= config_.scope_limit;
    }
    return false;
  }

  const RelationInput& input_;
  const RelationsConfig& config_;
  const std::size_t types_;
  std::vector<bool> candidate_;  // by head type * types + tail type
  std::vector<bool> has_heads_;  // by tail type: is any head type allowed
};

}  // namespace

std::vector<Candidates> FindCandidates(const RelationInput& input, const RelationStage& stage,
                                       const RelationsConfig& config, std::size_t max_pairs) {
  const CandidateFinder finder(input, stage, config);
  std::vector<Candidates> found;
  std::size_t pairs = 0;
  for (std::size_t tail = 0; tail < input.mentions.size(); ++tail) {
    Candidates candidates{tail, {}};
    finder.ForEachHead(tail, [&](std::size_t head) {
      if (++pairs > max_pairs) {
        throw Error(ErrorCode::kLimitExceeded,
                    "report: more candidate pairs than max_pairs = " + std::to_string(max_pairs));
      }
      candidates.heads.push_back(head);
    });
    if (!candidates.heads.empty()) found.push_back(std::move(candidates));
  }
  return found;
}

}  // namespace radie::internal
