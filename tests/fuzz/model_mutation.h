// Changes to a model file that keep the lengths and offsets round them right, so that they are met
// by the checks behind the first ones.
#pragma once

#include <cstddef>
#include <cstdint>

namespace radie::fuzz {

// As LLVMFuzzerCustomMutator: libFuzzer's own change to the bytes, the header or the buffer, or one
// to a value of the header or of a document in its metadata.
std::size_t MutateModel(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed);

}  // namespace radie::fuzz
