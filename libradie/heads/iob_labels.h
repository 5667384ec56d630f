// What a tagger's labels mean (IOB2), and how a path of them reads.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "libradie/base/ranges.h"
#include "libradie/heads/crf.h"
#include "libradie/model/schema.h"

namespace radie {

// Labels stand in any order, and a type may lack its B- or its I- label. Immutable.
class IobLabels {
 public:
  // labels: `O`, `B-TYPE`, `I-TYPE`, each once. Throws Error(kInvalidModel) for a label that is
  // none of these or whose TYPE the schema lacks.
  IobLabels(const std::vector<std::string>& labels, const Schema& schema);

  std::size_t size() const { return labels_.size(); }

  // An I-X follows only B-X or I-X, and does not stand first.
  TagConstraints Constraints() const;

  struct Span {
    TokenRange tokens;
    std::size_t type = 0;
  };

  // B-X opens, I-X goes on; an I-X that has nothing of its type to go on with opens too.
  std::vector<Span> Read(std::span<const std::size_t> path) const;

  // Probability that the path reads as exactly this span: the sum over the ways to write it, each
  // of which excludes the others.
  double Probability(const CrfMarginals& marginals, const Span& span) const;

 private:
  enum class Kind { kOutside, kBegin, kInside };
  struct Meaning {
    Kind kind = Kind::kOutside;
    std::size_t type = 0;
  };
  struct Type {
    std::optional<std::size_t> begin, inside;  // labels
    // Which labels may stand after a span of the type (no I- of it), and before an I- that opens
    // one (neither B- nor I- of it).
    std::vector<bool> after, before_inside;
  };

  bool GoesOn(std::size_t from, std::size_t to) const;  // is `to` an I- that goes on from `from`?

  std::vector<Meaning> labels_;
  std::vector<Type> types_;  // by the schema's entity type
};

}  // namespace radie
