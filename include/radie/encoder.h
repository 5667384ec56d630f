// The BERT encoder alone: token ids in, hidden states out. For callers with heads of their own, and
// for benchmarks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "radie/export.h"
#include "radie/model.h"

namespace radie {

// Sequences packed end to end, no padding. Views are not owned.
struct EncoderInput {
  std::span<const std::int32_t> ids;  // all sequences' token ids, special tokens included
  std::span<const std::size_t>
      lengths;  // length of each sequence; none is 0; they add up to ids.size()
  std::span<const std::int32_t> token_types;  // as many as ids, or empty for all 0

  // Markers of pairs beside a text, as relation layout "levitated" has them: of each sequence the
  // first text_lengths[s] tokens are the text, and the others stand in groups of four behind it. A
  // group's tokens read the text and each other; nothing else reads them. Both empty where there
  // are none.
  std::span<const std::size_t> text_lengths = {};  // as many as lengths
  std::span<const std::int32_t> positions = {};    // as many as ids; a text's count from 0
};

struct EncoderOutput {
  std::vector<float> states;  // [ids.size(), hidden_size], row-major, in the order of the input
  std::size_t hidden_size = 0;
};

// Thread-safe, as Extractor is, and with the same promise: a sequence's states do not depend on its
// batch or on threads.
class RADIE_API Encoder {
 public:
  // Throws Error(kInvalidArgument) when the model has no such stage. threads: as in
  // ExtractorOptions.
  Encoder(std::shared_ptr<const Model> model, Stage stage, std::size_t threads = 0);
  ~Encoder();
  Encoder(Encoder&&) noexcept;
  Encoder& operator=(Encoder&&) noexcept;

  // Throws Error(kInvalidArgument) for an id, type or position out of range, an empty or over-long
  // sequence (with text_lengths: text), lengths that do not add up, or groups that are not whole.
  EncoderOutput Encode(const EncoderInput& input) const;

  std::size_t hidden_size() const noexcept;

  // The number of threads in use.
  std::size_t threads() const noexcept;

 private:
  class Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace radie
