#include "tools/bench_work.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "tools/random_numbers.h"

namespace radie::tools {

std::size_t EncoderWork::tokens() const {
  return std::accumulate(sequences.begin(), sequences.end(), std::size_t{0});
}

std::size_t EncoderWork::longest() const {
  return *std::max_element(sequences.begin(), sequences.end());
}

EncoderWork EqualLengths(std::size_t length, std::size_t batch) {
  return {std::to_string(length), std::vector<std::size_t>(batch, length)};
}

EncoderWork MixedLengths(std::size_t count) {
  RandomNumbers random(11);
  EncoderWork work;
  for (std::size_t i = 0; i < count; ++i) {
    const double u = random.Fraction();
    work.sequences.push_back(5 + static_cast<std::size_t>(115.0 * u * u));
  }
  const auto [low, high] = std::minmax_element(work.sequences.begin(), work.sequences.end());
  work.lengths = std::to_string(*low) + "-" + std::to_string(*high);
  return work;
}

std::vector<std::int32_t> RandomIds(const EncoderWork& work, std::size_t vocabulary) {
  RandomNumbers random(7);
  std::vector<std::int32_t> ids(work.tokens());
  for (std::int32_t& id : ids) id = static_cast<std::int32_t>(random.Next() % vocabulary);
  return ids;
}

double FlopsOf(const EncoderWork& work, const StageInfo& stage) {
  const double hidden = double(stage.hidden_size), inner = double(stage.intermediate_size);
  const double a_token = 2 * (4 * hidden * hidden + 2 * hidden * inner);
  double flops = double(work.tokens()) * a_token;
  for (std::size_t length : work.sequences) flops += 4 * double(length) * double(length) * hidden;
  return flops * double(stage.layers);
}

Timing Measure(std::size_t warmup, std::size_t repeat, const std::function<void()>& call) {
  using Clock = std::chrono::steady_clock;
  for (std::size_t i = 0; i < warmup; ++i) call();
  std::vector<double> times(repeat);
  for (double& time : times) {
    const Clock::time_point start = Clock::now();
    call();
    time = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  }
  std::sort(times.begin(), times.end());
  const double median = (times[(repeat - 1) / 2] + times[repeat / 2]) / 2;
  return {median, times.front(), times.back()};
}

}  // namespace radie::tools
