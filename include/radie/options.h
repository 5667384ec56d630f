// Options are plain structs; every default is a sensible production value.
#pragma once

#include <cstddef>

#include "radie/export.h"

namespace radie {

// Kernel sets. All give the same results to within rounding; each is deterministic by itself.
enum class Isa {
  kAuto,      // the fastest this build holds and this machine runs
  kPortable,  // Eigen; any machine
  kOpenBlas,  // OpenBLAS matrix products; only in builds with RADIE_WITH_OPENBLAS
  kAvx2,      // AVX2 + FMA + F16C
};

struct LoadOptions {
  // ---- performance: these do not change results beyond the choice of `isa` ----

  // Chosen once, when the model loads. An ISA that this build or machine lacks is
  // ErrorCode::kInvalidArgument.
  Isa isa = Isa::kAuto;

  // Map the file while it loads instead of reading it into a buffer first. It must then not be
  // truncated until Load returns: touching a mapped page that is gone ends the process. Pages are
  // not kept afterwards.
  bool map_file = false;
};

struct ExtractorOptions {
  // ---- behaviour ----

  // A report longer than this is that report's ErrorCode::kLimitExceeded. Bytes of UTF-8.
  std::size_t max_report_bytes = std::size_t{1} << 20;

  // A report with more entities or candidate pairs than this is that report's
  // ErrorCode::kLimitExceeded.
  std::size_t max_entities = 20'000;
  std::size_t max_pairs = 2'000'000;

  // ---- performance: these never change a result, not even its last bit ----

  // Threads that compute, the calling one included. 0: as many as CPU affinity and the cgroup's
  // quota allow.
  std::size_t threads = 0;

  // Upper bound on the tokens encoded in one go; bounds working memory (about 40 × hidden size
  // bytes a token).
  std::size_t max_batch_tokens = 4096;
};

}  // namespace radie
