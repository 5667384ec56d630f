// What is kept of reports before it is known how to count their errors.
#pragma once

#include <utility>
#include <vector>

namespace radie::tools {

// Relations count in every report as soon as one of the gold reports says which there are. Until
// then entries are kept without them as well.
template <typename Entry>
class KeptEitherWay {
 public:
  // keep(whether relations count, where the report's entry goes)
  template <typename Keep>
  void Offer(bool gold_has_relations, const Keep& keep) {
    relations_count_ = relations_count_ || gold_has_relations;
    keep(true, with_relations_);
    if (relations_count_) {
      without_.clear();
    } else {
      keep(false, without_);
    }
  }

  std::vector<Entry> Take() { return std::move(relations_count_ ? with_relations_ : without_); }

 private:
  bool relations_count_ = false;
  std::vector<Entry> with_relations_, without_;
};

}  // namespace radie::tools
