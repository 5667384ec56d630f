#include "radie/encoder.h"

#include <algorithm>
#include <string>
#include <utility>

#include "libradie/base/float_environment.h"
#include "libradie/base/thread_pool.h"
#include "libradie/extract/loaded_model.h"
#include "radie/error.h"

namespace radie {
namespace {

[[noreturn]] void RefuseInput(const std::string& what) {
  throw Error(ErrorCode::kInvalidArgument, what);
}

void CheckRange(std::span<const std::int32_t> values, std::size_t size, const char* name) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] < 0 || static_cast<std::size_t>(values[i]) >= size) {
      RefuseInput(std::string("EncoderInput.") + name + "[" + std::to_string(i) +
                  "]: " + std::to_string(values[i]) + " is not in 0…" + std::to_string(size - 1));
    }
  }
}

// A text's positions count from 0, and whole groups stand behind it.
void CheckTexts(const EncoderInput& input, const RaggedBatch& batch) {
  for (std::size_t s = 0; s < batch.sequences(); ++s) {
    const std::size_t begin = batch.offsets[s], text = input.text_lengths[s];
    if ((batch.offsets[s + 1] - begin - text) % MarkerGroup::kRows != 0) {
      RefuseInput("EncoderInput.text_lengths[" + std::to_string(s) + "]: " + std::to_string(text) +
                  " leaves groups of four that are not whole");
    }
    for (std::size_t t = 0; t < text; ++t) {
      if (static_cast<std::size_t>(input.positions[begin + t]) != t) {
        RefuseInput("EncoderInput.positions[" + std::to_string(begin + t) +
                    "]: a text's positions count from 0");
      }
    }
  }
}

RaggedBatch Pack(const EncoderInput& input, const EncoderConfig& config) {
  const bool grouped = !input.text_lengths.empty();
  CheckRange(input.ids, config.vocab_size, "ids");
  CheckRange(input.positions, config.max_positions, "positions");
  if (grouped && input.text_lengths.size() != input.lengths.size()) {
    RefuseInput("EncoderInput.text_lengths: neither empty nor as many as lengths");
  }
  if (input.positions.size() != (grouped ? input.ids.size() : 0)) {
    RefuseInput("EncoderInput.positions: not as many as ids, or without text_lengths");
  }
  CheckRange(input.token_types, config.type_vocab_size, "token_types");
  if (!input.token_types.empty() && input.token_types.size() != input.ids.size()) {
    RefuseInput("EncoderInput.token_types: neither empty nor as many as ids");
  }
  RaggedBatch batch;
  batch.ids.assign(input.ids.begin(), input.ids.end());
  batch.token_types.assign(input.token_types.begin(), input.token_types.end());
  batch.positions.assign(input.positions.begin(), input.positions.end());
  batch.texts.assign(input.text_lengths.begin(), input.text_lengths.end());
  for (std::size_t s = 0; s < input.lengths.size(); ++s) {
    const std::size_t length = input.lengths[s], used = batch.offsets.back();
    const std::size_t text = grouped ? input.text_lengths[s] : length;
    if (text == 0 || text > length || text > config.max_positions) {
      RefuseInput(
          "EncoderInput." + std::string(grouped ? "text_lengths" : "lengths") + "[" +
          std::to_string(s) + "]: " + std::to_string(text) + " is not in 1…" +
          std::to_string(grouped ? std::min(config.max_positions, length) : config.max_positions));
    }
    if (length > input.ids.size() - used) {
      RefuseInput("EncoderInput.lengths[" + std::to_string(s) + "]: " + std::to_string(length) +
                  " is not in 1…" +
                  std::to_string(std::min(config.max_positions, input.ids.size() - used)));
    }
    batch.offsets.push_back(used + length);
  }
  if (batch.offsets.back() != batch.ids.size()) {
    RefuseInput("EncoderInput.lengths: add up to " + std::to_string(batch.offsets.back()) +
                ", but there are " + std::to_string(batch.ids.size()) + " ids");
  }
  if (grouped) CheckTexts(input, batch);
  return batch;
}

}  // namespace

class Encoder::Impl {
 public:
  Impl(std::shared_ptr<const Model> model, const BertEncoder& encoder, std::size_t threads)
      : model_(std::move(model)), encoder_(encoder), pool_(threads) {}

  EncoderOutput Encode(const EncoderInput& input) const {
    const FloatEnvironment environment;
    const RaggedBatch batch = Pack(input, encoder_.config());
    EncoderOutput output;
    output.hidden_size = hidden_size();
    if (batch.tokens() == 0) return output;
    const std::size_t hidden = hidden_size();
    output.states.resize(batch.tokens() * hidden);
    encoder_.Encode(batch, pool_, {output.states.data(), batch.tokens(), hidden, hidden});
    return output;
  }

  std::size_t hidden_size() const { return encoder_.config().hidden_size; }
  std::size_t threads() const { return pool_.threads(); }

 private:
  std::shared_ptr<const Model> model_;
  const BertEncoder& encoder_;  // inside model_
  mutable ThreadPool pool_;
};

Encoder::Encoder(std::shared_ptr<const Model> model, Stage stage, std::size_t threads) {
  if (model == nullptr) RefuseInput("Encoder: no model");
  if (threads > ThreadPool::kMaxThreads) RefuseInput("Encoder: more than 1024 threads");
  const BertEncoder* encoder = model->loaded().EncoderOf(stage);
  if (encoder == nullptr) RefuseInput("Encoder: the model has no such stage");
  impl_ = std::make_unique<const Impl>(std::move(model), *encoder, threads);
}
Encoder::~Encoder() = default;
Encoder::Encoder(Encoder&&) noexcept = default;
Encoder& Encoder::operator=(Encoder&&) noexcept = default;

EncoderOutput Encoder::Encode(const EncoderInput& input) const { return impl_->Encode(input); }

std::size_t Encoder::hidden_size() const noexcept { return impl_->hidden_size(); }
std::size_t Encoder::threads() const noexcept { return impl_->threads(); }

}  // namespace radie
