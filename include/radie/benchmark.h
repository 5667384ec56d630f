// What the machine can do at most, to judge measured times by.
#pragma once

#include <cstddef>

#include "radie/export.h"
#include "radie/options.h"

namespace radie {

// The most fp32 arithmetic that `threads` threads of this process together do with the instructions
// of one kernel set: multiply-adds in registers, nothing read from memory. In GFLOP/s, a
// multiply-add being two. Measured anew at every call, for about a quarter of a second, on threads
// of its own; what else runs on the machine makes it smaller. bf16 and int8 products may exceed it,
// and all of AMX: their instructions do more at once.
//
// threads: as in ExtractorOptions. Throws Error(kInvalidArgument) for an ISA that this build or
// machine lacks, and for more than 1024 threads.
RADIE_API double MeasurePeakGflops(Isa isa = Isa::kAuto, std::size_t threads = 0);

}  // namespace radie
