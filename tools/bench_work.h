// What a benchmark lets a model do, and how long it takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "radie/encoder.h"
#include "radie/model.h"

namespace radie::tools {

// One call of an encoder: sequences of random ids.
struct EncoderWork {
  std::string lengths;  // "128", or "5-119" of mixed ones
  std::vector<std::size_t> sequences;

  std::size_t tokens() const;
  std::size_t longest() const;
};

EncoderWork EqualLengths(std::size_t length, std::size_t batch);

// Sentences of 5 to 119 tokens, short ones more often, the same at every call.
EncoderWork MixedLengths(std::size_t count);

// The ids of `work` end to end, each in [0, vocabulary), the same at every call.
std::vector<std::int32_t> RandomIds(const EncoderWork& work, std::size_t vocabulary);

// Multiplications and additions in the matrix products and the attention of one call.
double FlopsOf(const EncoderWork& work, const StageInfo& stage);

struct Timing {
  double median_ms = 0, min_ms = 0, max_ms = 0;
};

// Wall clock of `repeat` (at least 1) calls after `warmup` that do not count.
Timing Measure(std::size_t warmup, std::size_t repeat, const std::function<void()>& call);

}  // namespace radie::tools
