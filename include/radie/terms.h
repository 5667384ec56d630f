// Tables of terms: from the words of a mention to the codes of a terminology that the caller has.
// docs/terms.md describes the file and the matching.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "radie/error.h"
#include "radie/export.h"
#include "radie/report.h"

namespace radie {

namespace internal {
class TermIndex;
}

// Caps on a table, over all of its files together; beyond one of them Parse throws
// Error(kLimitExceeded).
struct TermLimits {
  static constexpr std::size_t kMaxBytes = std::size_t{64} << 20;  // of text
  static constexpr std::size_t kMaxRows = 2'000'000;
  static constexpr std::size_t kMaxTermCodePoints = 256;  // of a folded term
  static constexpr std::size_t kMaxCodesPerTerm = 100;
};

// A file of terms that has been read. Views are not owned and must live until Parse returns.
struct TermFile {
  std::string_view name;  // for error messages
  std::string_view text;  // term⇥code⇥preferred name[⇥system], UTF-8
};

// Terms and their codes. Immutable: any number of threads may use one. A copy is cheap and shares
// the rows.
class RADIE_API TermTable {
 public:
  // A table without terms.
  TermTable();

  // Throws Error(kInvalidInput) for the first bad line and Error(kLimitExceeded) past a cap; the
  // message begins "NAME:LINE: ". A row takes about 150 bytes beside its text.
  static TermTable Parse(std::span<const TermFile> files);
  static TermTable Parse(std::string_view text, std::string_view name = "terms");

  // Rows in the table; a row that repeats an earlier one is not counted.
  std::size_t size() const noexcept;

  // The codes of a mention: those of the term that the whole mention is; else those of the longest
  // term that it contains, of all of the longest when there are several, in the order in which they
  // stand in the mention. Every code of a term is given, in the order of the files; none where no
  // term is found. Mention and terms are compared folded (docs/terms.md); lengths are code points.
  // Time is linear in the mention's length times the number of different lengths of terms, however
  // many terms there are. Throws Error(kInvalidText) when the mention is not UTF-8.
  std::vector<TermCode> Find(std::string_view mention) const;

 private:
  std::shared_ptr<const internal::TermIndex> index_;  // never null
};

// Sets the codes of every entity of the report to those of its text, none where there are none.
// Throws as TermTable::Find does, and then leaves the report as it was.
RADIE_API void AttachCodes(const TermTable& table, StructuredReport& report);

}  // namespace radie
