#include "radie/heads.h"

#include <algorithm>
#include <string>
#include <utility>

#include "libradie/base/float_environment.h"
#include "libradie/extract/loaded_model.h"
#include "libradie/extract/tag_rows.h"
#include "radie/error.h"

namespace radie {
namespace {

[[noreturn]] void RefuseHeads(const std::string& what) {
  throw Error(ErrorCode::kInvalidArgument, "Heads: " + what);
}

ConstMatrixView RowsOf(std::span<const float> values, std::size_t cols, const char* what) {
  if (values.size() % cols != 0) {
    RefuseHeads(std::string(what) + ": " + std::to_string(values.size()) +
                " numbers, no multiple of " + std::to_string(cols));
  }
  return {values.data(), values.size() / cols, cols, cols};
}

std::vector<float> ToVector(const Tensor& tensor) {
  return {tensor.view().data, tensor.view().data + tensor.rows() * tensor.cols()};
}

const internal::EntityStage& EntitiesOf(const internal::LoadedModel& model) {
  if (!model.entities) RefuseHeads("the model has no stage \"entities\"");
  return *model.entities;
}

void CheckPair(const HeadPair& pair, const RelationsConfig& config, std::size_t rows) {
  const bool cls = config.pooling == RelationsConfig::Pooling::kCls;
  for (const std::vector<std::size_t>* mention : {&pair.head, &pair.tail}) {
    const bool unread = cls && mention == &pair.tail;
    if (mention->empty() != unread || (mention->size() > 2 && !config.AveragesRows())) {
      RefuseHeads("a pair reads " + std::to_string(mention->size()) + " rows of a mention");
    }
    for (std::size_t i = 0; i < mention->size(); ++i) {
      const std::size_t row = (*mention)[i];
      if (row >= rows) {
        RefuseHeads("a pair reads row " + std::to_string(row) + " of " + std::to_string(rows));
      }
      if (config.AveragesRows() && row != mention->front() + i) {
        RefuseHeads("a pair reads rows of a mention that do not follow each other");
      }
    }
  }
}

}  // namespace

Heads::Heads(std::shared_ptr<const Model> model) : model_(std::move(model)) {
  if (model_ == nullptr) RefuseHeads("no model");
}

std::vector<float> Heads::Emissions(std::span<const float> states) const {
  const FloatEnvironment environment;
  const internal::EntityStage& stage = EntitiesOf(model_->loaded());
  return ToVector(
      stage.tagger.Emissions(RowsOf(states, stage.encoder.config().hidden_size, "states")));
}

std::vector<std::int32_t> Heads::Labels(std::span<const std::int32_t> ids,
                                        std::span<const float> emissions) const {
  const FloatEnvironment environment;
  const internal::EntityStage& stage = EntitiesOf(model_->loaded());
  const std::size_t labels = model_->loaded().config.entities->labels.size();
  const ConstMatrixView rows = RowsOf(emissions, labels, "emissions");
  if (rows.rows != ids.size()) RefuseHeads("emissions: not as many rows as ids");
  std::vector<std::int32_t> found(ids.size(), -1);
  if (ids.size() < 3) return found;  // no token between [CLS] and [SEP]
  for (std::int32_t id : ids) {
    if (id < 0 || static_cast<std::size_t>(id) >= stage.encoder.config().vocab_size) {
      RefuseHeads("ids: " + std::to_string(id) + " is no token");
    }
  }
  const internal::TagRows tag_rows(stage.path, ids.subspan(1, ids.size() - 2));
  const std::vector<std::size_t> path = stage.tagger.Decode(tag_rows.Select(rows).view());
  for (std::size_t i = 0; i < path.size(); ++i) {
    found[tag_rows.rows()[i]] = static_cast<std::int32_t>(path[i]);
  }
  return found;
}

std::vector<float> Heads::RelationLogits(std::span<const float> states,
                                         std::span<const HeadPair> pairs) const {
  const FloatEnvironment environment;
  const internal::LoadedModel& model = model_->loaded();
  if (!model.relations) RefuseHeads("the model has no stage \"relations\"");
  const RelationClassifier& classifier = model.relations->classifier;
  const ConstMatrixView rows =
      RowsOf(states, model.relations->encoder.config().hidden_size, "states");
  const RelationsConfig& config = *model.config.relations;
  std::vector<PairRows> read;
  for (const HeadPair& pair : pairs) {
    CheckPair(pair, config, rows.rows);
    PairRows rows_read{{pair.head.front(), pair.head.back()}};
    if (!pair.tail.empty()) rows_read.tail = {pair.tail.front(), pair.tail.back()};
    read.push_back(rows_read);
  }
  if (read.empty()) return {};
  return ToVector(classifier.Logits(classifier.Pool(rows, read).view()));
}

}  // namespace radie
