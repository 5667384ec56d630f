#include "radie/options.h"

#include "libradie/kernels/kernels.h"
#include "radie/model.h"

namespace radie {
namespace {

// In the order of the enumerations.
constexpr const char* kIsaNames[] = {"auto",   "portable",    "openblas",    "avx2", "avx2_vnni",
                                     "avx512", "avx512_vnni", "avx512_bf16", "amx"};
constexpr const char* kPrecisionNames[] = {"auto", "fp32", "fp16", "bf16", "int8"};
constexpr const char* kStageNames[] = {"entities", "relations", "encoder"};

template <typename Enum, std::size_t kCount>
std::optional<Enum> Find(const char* const (&names)[kCount], std::string_view name) {
  for (std::size_t i = 0; i < kCount; ++i) {
    if (name == names[i]) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

template <typename Enum, std::size_t kCount>
const char* NameOf(const char* const (&names)[kCount], Enum value) {
  const auto index = static_cast<std::size_t>(value);
  return index < kCount ? names[index] : "?";
}

}  // namespace

const char* IsaName(Isa isa) noexcept { return NameOf(kIsaNames, isa); }
std::optional<Isa> IsaFromName(std::string_view name) noexcept {
  return Find<Isa>(kIsaNames, name);
}
const char* PrecisionName(Precision precision) noexcept {
  return NameOf(kPrecisionNames, precision);
}
std::optional<Precision> PrecisionFromName(std::string_view name) noexcept {
  return Find<Precision>(kPrecisionNames, name);
}

const char* StageName(Stage stage) noexcept { return NameOf(kStageNames, stage); }
std::optional<Stage> StageFromName(std::string_view name) noexcept {
  return Find<Stage>(kStageNames, name);
}

std::vector<Isa> AvailableIsas() {
  std::vector<Isa> isas;
  for (const kernels::KernelSet* set : kernels::AvailableKernelSets()) {
    if (const std::optional<Isa> isa = IsaFromName(set->name())) isas.push_back(*isa);
  }
  return isas;
}

}  // namespace radie
