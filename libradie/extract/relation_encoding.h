// A relation encoding turns a report's entities into sequences to encode and says which hidden
// states each candidate pair reads. What comes after it (packing, encoder, classifier) does not
// know which layout it was. Layouts: docs/model-format.md, `relations`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "libradie/base/ranges.h"
#include "libradie/extract/loaded_model.h"
#include "libradie/extract/sequence_set.h"
#include "libradie/heads/relation_classifier.h"

namespace radie::internal {

// A report as stage 2 reads it: all sentences' tokens end to end.
struct RelationInput {
  struct Mention {
    TokenRange tokens;  // every token that overlaps the mention; may be empty (all of it was left
                        // out by normalisation)
    std::size_t type;   // index into the schema's entity types
  };

  std::vector<std::int32_t> tokens;
  std::vector<std::size_t> sentence_of;  // by token
  std::vector<Mention> mentions;         // in order of position, one an entity
};

// The core with up to `context` tokens of the report on each side.
TokenRange WithContext(const RelationInput& input, TokenRange core, std::size_t context);

// The mentions [first, last) that lie wholly inside the text.
std::pair<std::size_t, std::size_t> MentionsInside(const RelationInput& input, TokenRange text);

// The heads that may be related to one tail, in order. Indices into mentions.
struct Candidates {
  std::size_t tail;
  std::vector<std::size_t> heads;
};

// Who may be related to whom: types, scope and, with other layouts than `pair`, the reach of the
// context (not where `levitated` reads sentences). Mentions without tokens are left out. Throws
// Error(kLimitExceeded) past `max_pairs`, before it has built anything of that size.
std::vector<Candidates> FindCandidates(const RelationInput& input, const RelationStage& stage,
                                       const RelationsConfig& config, std::size_t max_pairs);

// What a pair asks of its sequence: some of its rows, relative to the first one, or, with layout
// `levitated`, those of a group of markers that is read behind it, relative to that.
struct PairQuestion {
  PairRows rows;
  MarkerGroup markers;  // of layout `levitated`

  friend auto operator<=>(const PairQuestion&, const PairQuestion&) = default;
};

struct CandidatePair {
  std::size_t head, tail;  // indices into mentions
  std::size_t sequence;    // index into RelationSequences::sequences
  PairQuestion question;
};

struct RelationSequences {
  std::vector<Sequence> sequences;
  std::vector<CandidatePair> pairs;
  std::size_t out_of_window = 0;  // pairs that only the encoder's positions kept from being read
};

// What to encode for one tail's candidates.
RelationSequences EncodeCandidates(const RelationInput& input, const RelationStage& stage,
                                   const RelationsConfig& config, const Candidates& candidates);

}  // namespace radie::internal
