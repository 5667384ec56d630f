// Descriptors and patterns with their classes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "radie/report.h"

namespace radie::internal {

// The text of descriptors.tsv.
std::string_view DescriptorsText();

// Whether `text` fits `pattern`, in which * stands for any number of bytes.
bool FitsPattern(std::string_view text, std::string_view pattern);

// Immutable.
class DescriptorList {
 public:
  // Lines: descriptor or pattern, tab, class; # begins a comment. A pattern is what has a * in it.
  // Throws Error(kInvalidInput), naming the line, for anything else, for an entry that stands
  // there twice and for one that is not as Fold writes it.
  static DescriptorList Parse(std::string_view text);

  // What is compiled in, parsed once.
  static const DescriptorList& BuiltIn();

  // `folded`: as Fold (terms/folded_text.h) writes it.
  std::optional<CertaintyClass> Find(std::string_view folded) const;

  std::size_t whole() const { return whole_.size(); }
  std::size_t patterns() const { return patterns_.size(); }

 private:
  void Add(std::string_view entry, CertaintyClass value);

  std::unordered_map<std::string, CertaintyClass> whole_;
  std::vector<std::pair<std::string, CertaintyClass>> patterns_;  // the first that fits decides
};

}  // namespace radie::internal
