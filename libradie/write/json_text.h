// Numbers as the writers write them in JSON.
#pragma once

#include <cstddef>
#include <string>

namespace radie {

void AppendJsonNumber(std::string& out, std::size_t number);

// Four decimals, halves away from zero, by integer arithmetic: no locale and no printf takes part.
// Clamped to [0, 1]; not a number is 0.
void AppendConfidence(std::string& out, double confidence);

}  // namespace radie
