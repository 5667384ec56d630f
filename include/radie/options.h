// Options are plain structs; every default is a sensible production value.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "radie/export.h"

namespace radie {

// Kernel sets. All give the same results to within rounding; each is deterministic by itself.
enum class Isa {
  kAuto,        // the fastest this build holds and this machine runs
  kPortable,    // Eigen; any machine
  kOpenBlas,    // OpenBLAS matrix products; only in builds with RADIE_WITH_OPENBLAS
  kAvx2,        // AVX2 + FMA + F16C
  kAvx2Vnni,    // the same with AVX-VNNI for int8
  kAvx512,      // AVX-512 F, BW, VL, DQ; int8 with AVX2
  kAvx512Vnni,  // the same with AVX-512 VNNI for int8
  kAvx512Bf16,  // the same with AVX-512 BF16 for bf16
  kAmx,         // the same with AMX tiles for all of the encoders' products
};

// How the encoders' matrix products compute. Normalisation, softmax and the heads are fp32 in all
// of them; products of attention are bf16 with kBfloat16 and kInt8 on kAmx (scores to 2^-17), else
// fp32. On kAmx, fp32 products are sums of six bf16 products of exact parts, with an error below
// that of fp32 multiply-adds one after the other.
enum class Precision {
  kAuto,      // as the weights are stored; fp32 where the kernel set has no such products
  kFloat32,   // fp32
  kFloat16,   // weights kept as fp16, fp32 arithmetic
  kBfloat16,  // bf16 products, fp32 sums
  kInt8,      // int8 weights, a scale an output; 8-bit activations (7 with AVX2), a scale a token
};

// Names as the command line writes them: "auto", "portable", "avx512_vnni", …; "auto", "fp32",
// "fp16", "bf16", "int8". The second of each pair: nothing for an unknown name.
RADIE_API const char* IsaName(Isa isa) noexcept;
RADIE_API std::optional<Isa> IsaFromName(std::string_view name) noexcept;
RADIE_API const char* PrecisionName(Precision precision) noexcept;
RADIE_API std::optional<Precision> PrecisionFromName(std::string_view name) noexcept;

// What this build holds and this machine can run, best first; the first is what Isa::kAuto takes.
// Never empty, and never kAuto itself.
RADIE_API std::vector<Isa> AvailableIsas();

struct LoadOptions {
  // ---- behaviour: for models whose tokenizer uses MeCab; no other takes note of it ----

  // Folder of the compiled MeCab dictionary. Empty: that of the name in the model, where packages
  // put it (docs/tokenizers.md). Another dictionary than the model was trained with makes other
  // tokens. Both are files of the caller's own: MeCab does not check what is in them.
  std::string mecab_dictionary = {};

  // A compiled MeCab user dictionary beside it (a file). Empty: none.
  std::string mecab_user_dictionary = {};

  // Compare the tensors with the SHA-256 that the file stores (ModelInfo::tensors_sha256) before
  // anything is made of them: ErrorCode::kInvalidModel when they differ, or none is stored. Takes
  // the time of hashing the file. It finds damage; who can write the file can write the digest.
  bool verify_tensors = false;

  // ---- performance: no other choice than `isa` and `precision` changes results ----

  // Chosen once, when the model loads. An ISA that this build or machine lacks is
  // ErrorCode::kInvalidArgument. Of a packed file (radie/pack.h) kAuto is the fastest one that
  // reads it; any other that does not read it is ErrorCode::kInvalidArgument.
  Isa isa = Isa::kAuto;

  // One that the chosen kernel set cannot compute in is ErrorCode::kInvalidArgument, and so is
  // another one than a packed file was packed for.
  Precision precision = Precision::kAuto;

  // Threads that look for weights that are not finite and pack them, the calling one included; they
  // are gone when Load returns. 0: as many as CPU affinity and the cgroup's quota allow. A small
  // file takes fewer, a packed one takes one. At most 1024.
  std::size_t threads = 0;

  // Map the file instead of reading it into a buffer. Without a value, a packed file (radie/pack.h)
  // is mapped and any other is read. A file that is not packed must then not be truncated until
  // Load returns, and its pages are not kept afterwards; a packed one must be neither truncated nor
  // written to as long as the model lives. Touching a mapped page that is gone ends the process; a
  // new file that takes the name by renaming does no harm.
  std::optional<bool> map_file = {};
};

struct ExtractorOptions {
  // ---- behaviour ----

  // A report longer than this is that report's ErrorCode::kLimitExceeded. Bytes of UTF-8.
  std::size_t max_report_bytes = std::size_t{1} << 20;

  // A report with more entities or candidate pairs than this is that report's
  // ErrorCode::kLimitExceeded.
  std::size_t max_entities = 20'000;
  std::size_t max_pairs = 2'000'000;

  // 0…1. Entities of less confidence than this are left out of the report, and so are relations of
  // less confidence and relations of such entities; findings follow. A report that lost something
  // has the warning "below_min_confidence", which tells how many. Stage 2 still sees all entities:
  // what is left is exactly as without a minimum.
  double min_confidence = 0.0;

  // ---- performance: these never change a result, not even its last bit ----

  // Threads that compute, the calling one included. 0: as many as CPU affinity and the cgroup's
  // quota allow.
  std::size_t threads = 0;

  // Upper bound on the tokens encoded in one go; bounds working memory (40 to 64 × hidden size
  // bytes a token).
  std::size_t max_batch_tokens = 4096;

  // Memory, in bytes, in which the extractor keeps what it computed for sentences (stage 1) and for
  // windows or pairs (stage 2), so that one that is met again, in whatever call, is not computed
  // again. It is recognised by all of its token ids and types. Seven eighths of it are one block,
  // taken when the first is kept; when it is full the oldest go that nobody asked for: a sentence
  // takes some 100 bytes a token, a pair some kilobytes. 0: nothing is kept from call to call;
  // within a call equal ones are encoded once all the same.
  std::size_t cache_bytes = 0;
};

}  // namespace radie
