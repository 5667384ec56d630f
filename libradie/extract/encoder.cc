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

[[noreturn]] void Refuse(const std::string& what) {
  throw Error(ErrorCode::kInvalidArgument, what);
}

void CheckRange(std::span<const std::int32_t> values, std::size_t size, const char* name) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] < 0 || static_cast<std::size_t>(values[i]) >= size) {
      Refuse(std::string("EncoderInput.") + name + "[" + std::to_string(i) +
             "]: " + std::to_string(values[i]) + " is not in 0…" + std::to_string(size - 1));
    }
  }
}

RaggedBatch Pack(const EncoderInput& input, const EncoderConfig& config) {
  CheckRange(input.ids, config.vocab_size, "ids");
  CheckRange(input.token_types, config.type_vocab_size, "token_types");
  if (!input.token_types.empty() && input.token_types.size() != input.ids.size()) {
    Refuse("EncoderInput.token_types: neither empty nor as many as ids");
  }
  RaggedBatch batch;
  batch.ids.assign(input.ids.begin(), input.ids.end());
  batch.token_types.assign(input.token_types.begin(), input.token_types.end());
  for (std::size_t s = 0; s < input.lengths.size(); ++s) {
    const std::size_t length = input.lengths[s], used = batch.offsets.back();
    if (length == 0 || length > config.max_positions || length > input.ids.size() - used) {
      Refuse("EncoderInput.lengths[" + std::to_string(s) + "]: " + std::to_string(length) +
             " is not in 1…" +
             std::to_string(std::min(config.max_positions, input.ids.size() - used)));
    }
    batch.offsets.push_back(used + length);
  }
  if (batch.offsets.back() != batch.ids.size()) {
    Refuse("EncoderInput.lengths: add up to " + std::to_string(batch.offsets.back()) +
           ", but there are " + std::to_string(batch.ids.size()) + " ids");
  }
  return batch;
}

}  // namespace

class Encoder::Impl {
 public:
  Impl(std::shared_ptr<const Model> model, const BertEncoder& encoder, std::size_t threads)
      : model_(std::move(model)),
        encoder_(encoder),
        pool_(threads == 0 ? AvailableThreads() : threads) {}

  EncoderOutput Encode(const EncoderInput& input) const {
    const FloatEnvironment environment;
    const RaggedBatch batch = Pack(input, encoder_.config());
    EncoderOutput output;
    output.hidden_size = hidden_size();
    if (batch.tokens() == 0) return output;
    const Tensor states = encoder_.Encode(batch, pool_);
    output.states.assign(states.view().data, states.view().data + states.rows() * states.cols());
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
  if (model == nullptr) Refuse("Encoder: no model");
  if (threads > 1024) Refuse("Encoder: more than 1024 threads");
  const BertEncoder* encoder = model->loaded().EncoderOf(stage);
  if (encoder == nullptr) Refuse("Encoder: the model has no such stage");
  impl_ = std::make_unique<const Impl>(std::move(model), *encoder, threads);
}
Encoder::~Encoder() = default;
Encoder::Encoder(Encoder&&) noexcept = default;
Encoder& Encoder::operator=(Encoder&&) noexcept = default;

EncoderOutput Encoder::Encode(const EncoderInput& input) const { return impl_->Encode(input); }

std::size_t Encoder::hidden_size() const noexcept { return impl_->hidden_size(); }
std::size_t Encoder::threads() const noexcept { return impl_->threads(); }

}  // namespace radie
