// Rotary position embeddings (Su et al. 2021, RoFormer): queries and keys are turned by angles that
// grow with the position, so that their products depend on how far apart they stand.
#pragma once

#include <cstddef>
#include <vector>

namespace radie {

// The cosine and the sine of every angle there is. Immutable and thread-safe.
//
// Pair i of a head of size d (its elements 2i and 2i + 1) is turned at position p by the angle
// p · theta^(-2i/d). Every kernel set reads what this one code has turned.
class RotaryPositions {
 public:
  // head_size is even and theta above 1. Takes 4 · positions · head_size bytes.
  RotaryPositions(std::size_t positions, std::size_t head_size, double theta);

  // Turns `heads` heads, end to end at `row`, for a row that stands at `position`, which is below
  // `positions`. The bits depend on these numbers alone.
  void Turn(std::size_t position, std::size_t heads, float* row) const;

 private:
  std::size_t half_;           // pairs of a head
  std::vector<float> angles_;  // of a position: half_ cosines, half_ sines
};

}  // namespace radie
