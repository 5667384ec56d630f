#include "libradie/certainty/descriptor_list.h"

#include <algorithm>
#include <utility>

#include "libradie/terms/folded_text.h"
#include "radie/error.h"

namespace radie::internal {
namespace {

Error Bad(std::size_t line, const std::string& why) {
  return Error(ErrorCode::kInvalidInput, "descriptors:" + std::to_string(line) + ": " + why);
}

}  // namespace

bool FitsPattern(std::string_view text, std::string_view pattern) {
  std::size_t at = 0;  // in the text
  bool open = false;   // a * was read: what comes next may begin later
  while (!pattern.empty()) {
    const std::size_t star = std::min(pattern.find('*'), pattern.size());
    const std::string_view piece = pattern.substr(0, star);
    const bool last = star == pattern.size();
    std::size_t found = at;
    if (open && last) {
      if (text.size() - at < piece.size()) return false;
      found = text.size() - piece.size();
    } else if (open) {
      found = text.find(piece, at);
    }
    if (found == text.npos || text.compare(found, piece.size(), piece) != 0) return false;
    at = found + piece.size();
    if (last) return at == text.size();
    open = true;
    pattern.remove_prefix(star + 1);
  }
  return open || at == text.size();
}

void DescriptorList::Add(std::string_view entry, CertaintyClass value) {
  if (Fold(entry).text != entry) throw Error(ErrorCode::kInvalidInput, "the entry is not folded");
  bool fresh = true;
  if (entry.find('*') == entry.npos) {
    fresh = whole_.emplace(entry, value).second;
  } else {
    fresh = std::none_of(patterns_.begin(), patterns_.end(),
                         [&](const auto& known) { return known.first == entry; });
    patterns_.emplace_back(entry, value);
  }
  if (!fresh) throw Error(ErrorCode::kInvalidInput, "the entry stands there twice");
}

DescriptorList DescriptorList::Parse(std::string_view text) {
  DescriptorList list;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    const std::size_t tab = line.find('\t');
    if (tab == line.npos || tab == 0) throw Bad(number, "not a descriptor, a tab and a class");
    const auto value = CertaintyFromName(line.substr(tab + 1));
    if (!value) throw Bad(number, "no such class");
    try {
      list.Add(line.substr(0, tab), *value);
    } catch (const Error& error) {
      throw Bad(number, error.what());
    }
  }
  return list;
}

const DescriptorList& DescriptorList::BuiltIn() {
  static const DescriptorList list = Parse(DescriptorsText());
  return list;
}

std::optional<CertaintyClass> DescriptorList::Find(std::string_view folded) const {
  const auto whole = whole_.find(std::string(folded));
  if (whole != whole_.end()) return whole->second;
  for (const auto& [pattern, value] : patterns_) {
    if (FitsPattern(folded, pattern)) return value;
  }
  return std::nullopt;
}

}  // namespace radie::internal
