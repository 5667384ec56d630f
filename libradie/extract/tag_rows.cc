#include "libradie/extract/tag_rows.h"

#include <algorithm>
#include <string>

namespace radie::internal {

TagPath::TagPath(const EntitiesConfig& config, const Vocab& vocab)
    : last_token(config.subwords == EntitiesConfig::Subwords::kLast),
      special_tokens(config.special_tokens_in_path) {
  if (config.subwords == EntitiesConfig::Subwords::kAll) return;
  continuing.resize(vocab.size());
  for (std::size_t id = 0; id < vocab.size(); ++id) {
    const std::string& token = vocab.token(static_cast<std::int32_t>(id));
    continuing[id] = token.size() > 2 && token.compare(0, 2, "##") == 0;
  }
}

TagRows::TagRows(const TagPath& path, std::span<const std::int32_t> ids) {
  words_.reserve(ids.size());
  rows_.reserve(ids.size() + 2);
  for (std::size_t t = 0; t < ids.size(); ++t) {
    const bool goes_on =
        !path.continuing.empty() && t > 0 && path.continuing[static_cast<std::size_t>(ids[t])];
    if (goes_on) {
      words_.back().end = t + 1;
    } else {
      words_.push_back({t, t + 1});
    }
  }
  if (path.special_tokens) rows_.push_back(0);
  for (const TokenRange& word : words_) {
    rows_.push_back(path.last_token ? word.end : word.begin + 1);
  }
  if (path.special_tokens) rows_.push_back(ids.size() + 1);
}

Tensor TagRows::Select(ConstMatrixView whole) const {
  Tensor selected(rows_.size(), whole.cols);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const float* row = whole.row(rows_[i]);
    std::copy(row, row + whole.cols, selected.view().row(i));
  }
  return selected;
}

}  // namespace radie::internal
