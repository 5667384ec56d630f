// The metadata key `packed`: the file's matrices are stored as kernels read them
// (docs/model-format.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libradie/base/panel_layout.h"
#include "libradie/model/model_file.h"

namespace radie {

struct PackedForm {
  std::string precision;  // of the encoders' products: "fp32", …; "mixed" where layers differ
  std::vector<PanelLayout> layouts;  // of the types that there are, at most one a type
  std::uint64_t parameters = 0;      // of the file that was packed
  std::string source_sha256;         // its tensors_sha256; may be empty

  const PanelLayout* Find(DType dtype) const;  // nullptr when there are no panels of that type
};

// The metadata key.
inline constexpr char kPackedKey[] = "packed";

// Nothing when the file is not packed. Throws Error(kInvalidModel or kUnsupportedModel).
std::optional<PackedForm> ParsePackedForm(const ModelFile& file);

// What ParsePackedForm reads.
std::string PackedFormText(const PackedForm& form);

// The names of what a packed file has in place of the matrices of layers that are one product, such
// as {"a.query", "a.key"}: "a.query_key.panels" and "a.query_key.sums".
std::string PanelsName(const std::vector<std::string>& scopes);
std::string SumsName(const std::vector<std::string>& scopes);

// Tensors that only bring the next one to its place; what is in them is not read.
std::string PaddingName(std::size_t number);
bool IsPadding(std::string_view name);

}  // namespace radie
