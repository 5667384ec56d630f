#include "libradie/extract/pair_reading.h"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

namespace radie::internal {
namespace {

constexpr std::size_t kWorthATextMore = 64;  // questions, of four rows each

bool Levitated(const RelationsConfig& config) {
  return config.layout == RelationsConfig::Layout::kLevitated;
}

// Where `value`, which is there, stands.
std::size_t PlaceIn(const std::vector<std::size_t>& ascending, std::size_t value) {
  return static_cast<std::size_t>(std::lower_bound(ascending.begin(), ascending.end(), value) -
                                  ascending.begin());
}

}  // namespace

PairReading::PairReading(const RelationsConfig& config, const SequenceSet& sequences,
                         std::size_t sequence, std::vector<PairQuestion> questions)
    : sequence_(sequence), text_(sequences[sequence].ids.size()), questions_(std::move(questions)) {
  if (Levitated(config)) {
    groups_.reserve(questions_.size());
    for (const PairQuestion& question : questions_) groups_.push_back(question.markers);
  }
  if (config.ReadsCls() && !questions_.empty()) rows_.push_back(0);
  for (std::size_t p = 0; p < questions_.size(); ++p) {
    const PairRows pair = RowsOf(p);
    for (const auto& [first, last] : {pair.head, pair.tail}) {
      rows_.insert(rows_.end(), {first, last});
      if (!config.AveragesRows()) continue;
      for (std::size_t row = first + 1; row < last; ++row) rows_.push_back(row);
    }
  }
  std::sort(rows_.begin(), rows_.end());
  rows_.erase(std::unique(rows_.begin(), rows_.end()), rows_.end());
}

std::size_t PairReading::MostQuestions(const RelationsConfig& config, const Sequence& sequence,
                                       std::size_t max_batch_tokens) {
  if (!Levitated(config)) return std::numeric_limits<std::size_t>::max();
  const std::size_t text = sequence.ids.size();
  const std::size_t room = max_batch_tokens > text ? max_batch_tokens - text : 0;
  return std::max(kWorthATextMore, room / MarkerGroup::kRows);
}

PairRows PairReading::RowsOf(std::size_t p) const {
  PairRows rows = questions_[p].rows;
  if (groups_.empty()) return rows;
  for (auto* mention : {&rows.head, &rows.tail}) {
    for (std::size_t& row : *mention) row += text_ + p * MarkerGroup::kRows;
  }
  return rows;
}

ResultCache::Key PairReading::Key(const SequenceSet& sequences) const {
  constexpr std::int32_t kKind = 2;
  KeyWriter writer(kKind);
  writer.Add(std::span<const std::int32_t>(sequences[sequence_].ids));
  writer.Add(std::span<const std::int32_t>(sequences[sequence_].types));
  for (const PairQuestion& question : questions_) {
    writer.Add(std::span<const std::size_t>(question.rows.head));
    writer.Add(std::span<const std::size_t>(question.rows.tail));
    if (groups_.empty()) continue;
    writer.Add(std::span<const std::int32_t>(question.markers.ids));
    writer.Add(std::span<const std::int32_t>(question.markers.positions));
  }
  return writer.Take();
}

Tensor PairReading::Score(const RelationClassifier& classifier, ConstMatrixView states) const {
  std::vector<PairRows> pairs;
  pairs.reserve(questions_.size());
  for (std::size_t p = 0; p < questions_.size(); ++p) {
    pairs.push_back(RowsOf(p));
    for (auto* mention : {&pairs.back().head, &pairs.back().tail}) {
      for (std::size_t& row : *mention) row = PlaceIn(rows_, row);
    }
  }
  return classifier.Logits(classifier.Pool(states, pairs).view());
}

}  // namespace radie::internal
