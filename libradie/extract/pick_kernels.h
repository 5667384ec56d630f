// From the public name of a kernel set to the set.
#pragma once

#include <string>

#include "libradie/kernels/kernels.h"
#include "radie/error.h"
#include "radie/options.h"

namespace radie::internal {

// Throws Error(kInvalidArgument), beginning with `what`, where this build or machine lacks it.
inline const kernels::KernelSet& PickKernels(Isa isa, const char* what) {
  if (isa == Isa::kAuto) return *kernels::AvailableKernelSets().front();
  const kernels::KernelSet* found = kernels::FindKernelSet(IsaName(isa));
  if (found == nullptr) {
    throw Error(
        ErrorCode::kInvalidArgument,
        std::string(what) + ": this build or machine has no kernel set '" + IsaName(isa) + "'");
  }
  return *found;
}

}  // namespace radie::internal
