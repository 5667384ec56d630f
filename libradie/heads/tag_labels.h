// What a tagger's labels mean (IO, IOB1, IOB2 or BIOES), and how a path of them reads.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "libradie/base/ranges.h"
#include "libradie/heads/crf.h"
#include "libradie/model/label_scheme.h"
#include "libradie/model/schema.h"

namespace radie {

// Labels stand in any order, and a type may lack some of its labels. Immutable.
class TagLabels {
 public:
  // labels: `O`, `[NAME]` (of a special token: reads as O), and with a TYPE of the schema `B-TYPE`
  // and `I-TYPE`, for BIOES also `E-TYPE` and `S-TYPE`; each once. Throws Error(kInvalidModel) for
  // a label that is none of these or whose TYPE the schema lacks.
  TagLabels(const std::vector<std::string>& labels, const Schema& schema,
            LabelScheme scheme = LabelScheme::kIob2);

  std::size_t size() const { return labels_.size(); }

  // The steps of well-formed paths. IOB2: an I-X follows only B-X or I-X. IOB1: a B-X follows only
  // those. BIOES: I-X and E-X follow only B-X and I-X, after which nothing else may stand, nor the
  // end. IO: all of them.
  TagConstraints Constraints() const;

  struct Span {
    TokenRange tokens;
    std::size_t type = 0;
  };

  // I-X and E-X go on with a mention whose last label is B-X or I-X; all other labels with a type
  // open one, and those are I-X and E-X that have nothing to go on with, too.
  std::vector<Span> Read(std::span<const std::size_t> path) const;

  // Probability that the path, over positions `read`, reads as exactly this span: the sum over the
  // ways to write it, each of which excludes the others.
  double Probability(const CrfMarginals& marginals, const Span& span, TokenRange read) const;

 private:
  enum class Kind { kOutside, kBegin, kInside, kEnd, kSingle };
  static constexpr std::size_t kKinds = 5;
  struct Label {
    Kind kind = Kind::kOutside;
    std::size_t type = 0;
    // Which labels may stand before one that opens a mention, and after the last one of a mention;
    // empty: all.
    std::vector<bool> before, after;
  };

  bool IsOpen(std::size_t label) const;                  // may a mention go on after it?
  bool GoesOn(std::size_t from, std::size_t to) const;   // does `to` go on with the mention?
  bool Follows(std::size_t from, std::size_t to) const;  // in a well-formed path
  void FindNeighbours();
  std::optional<std::size_t> Find(std::size_t type, Kind kind) const {
    return by_kind_[type][static_cast<std::size_t>(kind)];
  }

  LabelScheme scheme_;
  std::vector<Label> labels_;
  std::vector<std::array<std::optional<std::size_t>, kKinds>> by_kind_;  // by entity type
};

}  // namespace radie
