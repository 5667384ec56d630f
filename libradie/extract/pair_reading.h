// What the pairs of one sequence ask of it, gathered for one pass of the encoder.
#pragma once

#include <cstddef>
#include <vector>

#include "libradie/extract/relation_encoding.h"
#include "libradie/extract/result_cache.h"
#include "libradie/extract/sequence_set.h"
#include "libradie/heads/relation_classifier.h"

namespace radie::internal {

// Immutable and thread-safe.
class PairReading {
 public:
  // Of the sequence with this index. `questions`: ascending, each once.
  PairReading(const RelationsConfig& config, const SequenceSet& sequences, std::size_t sequence,
              std::vector<PairQuestion> questions);

  // How many questions one reading may have, so that memory is bounded by `max_batch_tokens`. With
  // layout `levitated` each adds rows; every reading encodes the text again, so that there is a
  // least number that makes this worth it.
  static std::size_t MostQuestions(const RelationsConfig& config, const Sequence& sequence,
                                   std::size_t max_batch_tokens);

  std::size_t sequence() const { return sequence_; }

  // For SequenceSet::Encode; refers to this.
  SequenceSet::Reading reading() const { return {sequence_, rows_, groups_}; }

  // All that the logits depend on.
  ResultCache::Key Key(const SequenceSet& sequences) const;

  // Logits [questions, labels], in the questions' order; states: of the reading's rows.
  Tensor Score(const RelationClassifier& classifier, ConstMatrixView states) const;

 private:
  // The rows that question p reads, counted from the sequence's first one.
  PairRows RowsOf(std::size_t p) const;

  std::size_t sequence_, text_;  // text_: rows of the sequence
  std::vector<PairQuestion> questions_;
  std::vector<MarkerGroup> groups_;  // one a question, or none
  std::vector<std::size_t> rows_;    // that any question reads: ascending, each once
};

}  // namespace radie::internal
