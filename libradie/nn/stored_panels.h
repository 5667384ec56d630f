// A linear layer's weights as a packed file stores them.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "libradie/kernels/kernels.h"
#include "libradie/model/weights.h"
#include "libradie/nn/linear.h"

namespace radie {

// The layer `outputs` of each of `scopes` from their panels, which stay where they are when they
// lie at a multiple of 64 bytes: the file's memory must outlive them. Throws Error(kInvalidModel)
// for tensors that are missing or of another size, and Error(kInvalidArgument) for panels that
// `arithmetic` does not read.
std::unique_ptr<const kernels::PackedLinear> ReadPanels(WeightSource& weights,
                                                        std::span<const std::string> scopes,
                                                        std::size_t outputs, std::size_t inputs,
                                                        const Arithmetic& arithmetic);

}  // namespace radie
