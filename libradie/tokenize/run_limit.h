// A bound for libraries that take the square of a run's length.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

#include "radie/error.h"

namespace radie {

// Of one text. Runs of up to kFreeRun characters are free: no report has longer ones.
class RunLimit {
 public:
  static constexpr std::size_t kFreeRun = 1'000, kMaxSteps = 100'000'000;

  // A run that the library goes over `times` times. Throws Error(kLimitExceeded) when all of them
  // add up to more than kMaxSteps characters; `what` says what runs are made of.
  void Add(std::size_t length, std::size_t times, const char* what) {
    if (length > kFreeRun) steps_ += std::min(times, kMaxSteps / length + 1) * length;
    if (steps_ > kMaxSteps) {
      throw Error(ErrorCode::kLimitExceeded,
                  "tokenizer: the text's runs of " + std::string(what) + " are too long");
    }
  }

 private:
  std::size_t steps_ = 0;
};

}  // namespace radie
