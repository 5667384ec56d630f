// Rows of stored weights, whatever their element type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "libradie/kernels/kernels.h"

namespace radie::kernels {

// Widens row `row` to fp32. to: [weights.cols].
void ReadRow(const WeightView& weights, std::size_t row, float* to);

// Row `row` as int8 with a scale; stored int8 as it is, others rounded to the nearest of ±127 steps
// of the row's largest magnitude. Where a row so made breaks `quad_limit` (see PanelLayout), it is
// rounded to steps as much coarser as it takes, at most about twice. to: [weights.cols]. Returns
// the scale (0 for a row of zeros).
float ReadRowAsInt8(const WeightView& weights, std::size_t row, std::size_t quad_limit,
                    std::span<float> scratch, std::int8_t* to);

}  // namespace radie::kernels
