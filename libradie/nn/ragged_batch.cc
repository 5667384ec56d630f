#include "libradie/nn/ragged_batch.h"

namespace radie {

void RaggedBatch::Add(const std::vector<std::int32_t>& sequence,
                      const std::vector<std::int32_t>& types, std::span<const MarkerGroup> groups) {
  if (!types.empty()) {
    token_types.resize(ids.size(), 0);
    token_types.insert(token_types.end(), types.begin(), types.end());
  }
  ids.insert(ids.end(), sequence.begin(), sequence.end());
  const bool grouped = !groups.empty() || !texts.empty();
  if (grouped && texts.empty()) CountTexts();
  if (grouped) {
    texts.push_back(sequence.size());
    AppendPositions(sequence.size());
  }
  for (const MarkerGroup& group : groups) {
    ids.insert(ids.end(), group.ids.begin(), group.ids.end());
    positions.insert(positions.end(), group.positions.begin(), group.positions.end());
  }
  if (!token_types.empty()) token_types.resize(ids.size(), 0);
  offsets.push_back(ids.size());
}

// What the sequences so far leave unsaid.
void RaggedBatch::CountTexts() {
  for (std::size_t s = 0; s < sequences(); ++s) {
    texts.push_back(offsets[s + 1] - offsets[s]);
    AppendPositions(texts.back());
  }
}

void RaggedBatch::AppendPositions(std::size_t count) {
  for (std::size_t p = 0; p < count; ++p) positions.push_back(static_cast<std::int32_t>(p));
}

}  // namespace radie
