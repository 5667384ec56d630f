#include <utility>

#include "libradie/terms/term_index.h"
#include "libradie/terms/term_reader.h"
#include "radie/terms.h"

namespace radie {

TermTable::TermTable() : index_(std::make_shared<const internal::TermIndex>()) {}

TermTable TermTable::Parse(std::span<const TermFile> files) {
  std::size_t left = TermLimits::kMaxBytes;
  for (const TermFile& file : files) {
    if (file.text.size() > left) {
      throw Error(ErrorCode::kLimitExceeded, std::string(file.name) +
                                                 ": more terms, all files together, than " +
                                                 std::to_string(TermLimits::kMaxBytes) + " bytes");
    }
    left -= file.text.size();
  }
  auto index = std::make_shared<internal::TermIndex>();
  for (const TermFile& file : files) internal::ReadTerms(file, *index);
  TermTable table;
  table.index_ = std::move(index);
  return table;
}

TermTable TermTable::Parse(std::string_view text, std::string_view name) {
  const TermFile file{name, text};
  return Parse({&file, 1});
}

std::size_t TermTable::size() const noexcept { return index_->size(); }

std::vector<TermCode> TermTable::Find(std::string_view mention) const {
  return index_->Find(mention);
}

void AttachCodes(const TermTable& table, StructuredReport& report) {
  std::vector<std::vector<TermCode>> codes;
  codes.reserve(report.entities.size());
  for (const Entity& entity : report.entities) codes.push_back(table.Find(entity.text));
  for (std::size_t i = 0; i < codes.size(); ++i) report.entities[i].codes = std::move(codes[i]);
}

}  // namespace radie
