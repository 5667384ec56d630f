// Rows of terms, found by the folded term.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "libradie/terms/folded_text.h"
#include "libradie/terms/prefix_hash.h"
#include "radie/report.h"
#include "radie/terms.h"

namespace radie::internal {

// The cells of one row.
struct TermRow {
  std::string_view term, code, name, system;
};

class TermIndex {
 public:
  // Copies the row; one whose folded term, code, name and system are already there is passed over.
  // Throws Error(kInvalidInput) when the term folds to nothing, Error(kLimitExceeded) past a cap of
  // TermLimits. The term must be UTF-8.
  void Add(const TermRow& row);

  std::size_t size() const { return rows_.size(); }

  // As TermTable::Find.
  std::vector<TermCode> Find(std::string_view mention) const;

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  // Bytes of cells_; its size is below 4 GiB by TermLimits::kMaxBytes.
  struct Piece {
    std::uint32_t begin, end;
  };
  struct Row {
    Piece term, code, name, system;
    std::uint32_t next;  // the next row of the same term, or kNone
  };
  // The rows of one term.
  struct Term {
    std::uint32_t first, last, count;
  };

  // A stretch of a mention with its hash, to look up without a copy.
  struct Probe {
    std::string_view text;
    std::uint64_t hash;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(const std::string& text) const;
    std::size_t operator()(const Probe& probe) const { return probe.hash; }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const std::string& a, const std::string& b) const { return a == b; }
    bool operator()(const std::string& a, const Probe& b) const { return a == b.text; }
    bool operator()(const Probe& a, const std::string& b) const { return a.text == b; }
  };

  std::string_view Cell(Piece piece) const {
    return std::string_view(cells_).substr(piece.begin, piece.end - piece.begin);
  }
  Piece Store(std::string_view cell);
  bool Holds(const Term& term, const TermRow& row) const;
  void AppendCodes(const Term& term, bool whole, std::vector<TermCode>& codes) const;

  // The terms of `length` code points in the mention, each once, in the order in which they stand.
  std::vector<const Term*> Contained(const FoldedText& mention, const PrefixHash& hashes,
                                     std::size_t length) const;

  std::string cells_;
  std::vector<Row> rows_;
  std::unordered_map<std::string, Term, Hash, Equal> terms_;              // by folded text
  std::array<bool, TermLimits::kMaxTermCodePoints + 1> has_length_ = {};  // some term, code points
};

}  // namespace radie::internal
