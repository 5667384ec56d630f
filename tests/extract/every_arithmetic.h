// Every kernel set that this machine runs, in every precision that it computes in.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "libradie/kernels/kernels.h"
#include "radie/options.h"

namespace radie {

inline std::vector<LoadOptions> EveryArithmetic() {
  std::vector<LoadOptions> all;
  for (const Isa isa : AvailableIsas()) {
    for (const Precision precision :
         {Precision::kFloat32, Precision::kFloat16, Precision::kBfloat16, Precision::kInt8}) {
      const kernels::KernelSet& set = *kernels::FindKernelSet(IsaName(isa));
      const bool reduced = precision == Precision::kBfloat16 || precision == Precision::kInt8;
      const DType dtype = precision == Precision::kInt8 ? DType::kI8 : DType::kBF16;
      if (!reduced || set.Supports(dtype, 1)) all.push_back({.isa = isa, .precision = precision});
    }
  }
  return all;
}

inline std::string NameOfArithmetic(const ::testing::TestParamInfo<LoadOptions>& info) {
  return std::string(IsaName(info.param.isa)) + "_" + PrecisionName(info.param.precision);
}

}  // namespace radie
