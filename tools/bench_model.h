// Encoders of well-known sizes with random weights: a benchmark needs no checkpoint.
#pragma once

#include <string>
#include <vector>

namespace radie::tools {

// "bert-base", "bert-small", "bert-mini", "demo" (the sizes of the bundled model's relation stage).
std::vector<std::string> RandomEncoderNames();

// The bytes of an encoder-only model file (docs/model-format.md), fp32, the same on every machine.
// The vocabulary is small: its size has no influence on the time. `name` is one of the above.
std::string RandomEncoderModel(const std::string& name);

}  // namespace radie::tools
