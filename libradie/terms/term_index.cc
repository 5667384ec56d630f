#include "libradie/terms/term_index.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "radie/error.h"

namespace radie::internal {
namespace {

[[noreturn]] void Refuse(const std::string& what, std::size_t limit) {
  throw Error(ErrorCode::kLimitExceeded, what + " than " + std::to_string(limit));
}

}  // namespace

std::size_t TermIndex::Hash::operator()(const std::string& text) const {
  return PrefixHash::OfAll(text);
}

TermIndex::Piece TermIndex::Store(std::string_view cell) {
  const auto begin = static_cast<std::uint32_t>(cells_.size());
  cells_ += cell;
  return {begin, static_cast<std::uint32_t>(cells_.size())};
}

void TermIndex::Add(const TermRow& row) {
  FoldedText folded = Fold(row.term);
  if (folded.size() == 0) throw Error(ErrorCode::kInvalidInput, "the term is empty");
  if (folded.size() > TermLimits::kMaxTermCodePoints) {
    Refuse("a term of more characters", TermLimits::kMaxTermCodePoints);
  }
  const auto found = terms_.find(folded.text);
  if (found != terms_.end() && Holds(found->second, row)) return;
  if (rows_.size() >= TermLimits::kMaxRows) Refuse("more rows", TermLimits::kMaxRows);
  if (found != terms_.end() && found->second.count >= TermLimits::kMaxCodesPerTerm) {
    Refuse("more codes of one term", TermLimits::kMaxCodesPerTerm);
  }

  const auto index = static_cast<std::uint32_t>(rows_.size());
  rows_.push_back({Store(row.term), Store(row.code), Store(row.name), Store(row.system), kNone});
  if (found == terms_.end()) {
    has_length_[folded.size()] = true;
    terms_.emplace(std::move(folded.text), Term{index, index, 1});
  } else {
    Term& term = found->second;
    rows_[term.last].next = index;
    term.last = index;
    ++term.count;
  }
}

bool TermIndex::Holds(const Term& term, const TermRow& row) const {
  for (std::uint32_t i = term.first; i != kNone; i = rows_[i].next) {
    const Row& other = rows_[i];
    if (Cell(other.code) == row.code && Cell(other.name) == row.name &&
        Cell(other.system) == row.system) {
      return true;
    }
  }
  return false;
}

void TermIndex::AppendCodes(const Term& term, bool whole, std::vector<TermCode>& codes) const {
  for (std::uint32_t i = term.first; i != kNone; i = rows_[i].next) {
    const Row& row = rows_[i];
    codes.push_back({std::string(Cell(row.code)), std::string(Cell(row.name)),
                     std::string(Cell(row.system)), std::string(Cell(row.term)), whole});
  }
}

std::vector<const TermIndex::Term*> TermIndex::Contained(const FoldedText& mention,
                                                         const PrefixHash& hashes,
                                                         std::size_t length) const {
  std::vector<const Term*> terms;
  std::unordered_set<const Term*> seen;
  for (std::size_t i = 0; i + length <= mention.size(); ++i) {
    if (mention.CutsWord(i) || mention.CutsWord(i + length)) continue;
    const std::size_t begin = mention.starts[i], end = mention.starts[i + length];
    const std::string_view piece = std::string_view(mention.text).substr(begin, end - begin);
    const auto found = terms_.find(Probe{piece, hashes.Of(begin, end)});
    if (found != terms_.end() && seen.insert(&found->second).second) {
      terms.push_back(&found->second);
    }
  }
  return terms;
}

std::vector<TermCode> TermIndex::Find(std::string_view mention) const {
  const FoldedText folded = Fold(mention);
  std::vector<TermCode> codes;
  if (const auto found = terms_.find(folded.text); found != terms_.end()) {
    AppendCodes(found->second, true, codes);
    return codes;
  }
  if (folded.size() < 2) return codes;
  const PrefixHash hashes(folded.text);
  for (std::size_t length = std::min(folded.size() - 1, TermLimits::kMaxTermCodePoints); length > 0;
       --length) {
    if (!has_length_[length]) continue;
    for (const Term* term : Contained(folded, hashes, length)) AppendCodes(*term, false, codes);
    if (!codes.empty()) break;
  }
  return codes;
}

}  // namespace radie::internal
