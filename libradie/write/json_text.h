// The few JSON tokens that the writers need.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace radie {

// Appends `text` in quotes. Only what JSON requires is escaped; ill-formed UTF-8 (a file name may
// hold it) becomes U+FFFD, so that the line is valid JSON whatever comes in.
void AppendJsonString(std::string& out, std::string_view text);

void AppendJsonNumber(std::string& out, std::size_t number);

// Four decimals, halves away from zero, by integer arithmetic: no locale and no printf takes part.
// Clamped to [0, 1]; not a number is 0.
void AppendConfidence(std::string& out, double confidence);

}  // namespace radie
