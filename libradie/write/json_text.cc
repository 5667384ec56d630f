#include "libradie/write/json_text.h"

#include <cmath>

#include "libradie/base/float_environment.h"

namespace radie {

void AppendJsonNumber(std::string& out, std::size_t number) { out += std::to_string(number); }

void AppendConfidence(std::string& out, double confidence) {
  const FloatEnvironment environment;
  const double clamped = std::isnan(confidence) ? 0.0 : std::fmin(std::fmax(confidence, 0.0), 1.0);
  const std::string digits = std::to_string(10000 + std::lround(clamped * 10000));
  out += clamped == 1.0 || digits[0] == '2' ? '1' : '0';
  out += '.';
  out += digits.substr(1);
}

}  // namespace radie
