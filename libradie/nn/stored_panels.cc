#include "libradie/nn/stored_panels.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "libradie/kernels/packed_panels.h"
#include "libradie/model/quoted.h"
#include "radie/error.h"

namespace radie {
namespace {

using kernels::PackedPanels;

// The type of the stored panels, for which the file tells the layout and the kernel set has it.
PanelLayout RequireLayout(const WeightSource& weights, const TensorEntry& panels,
                          const Arithmetic& arithmetic, std::size_t inputs) {
  const PanelLayout* layout = weights.packed()->Find(panels.dtype);
  const std::string tensor = "tensor " + Quoted(panels.name);
  if (layout == nullptr) {
    throw Error(ErrorCode::kInvalidModel, tensor + ": packed.layouts has none of dtype " +
                                              std::string(DTypeName(panels.dtype)));
  }
  const bool floats = panels.dtype == DType::kF32 || panels.dtype == DType::kF16;
  if (arithmetic.inputs == Arithmetic::Inputs::kFloats && !floats) {
    throw Error(
        ErrorCode::kInvalidModel,
        tensor + ": dtype " + std::string(DTypeName(panels.dtype)) + ", expected F32 or F16");
  }
  const bool asked = arithmetic.inputs == Arithmetic::Inputs::kFloats || !arithmetic.precision ||
                     *arithmetic.precision == panels.dtype;
  if (!asked || arithmetic.kernels.LayoutOf(panels.dtype) != *layout ||
      !arithmetic.kernels.Supports(panels.dtype, inputs)) {
    throw Error(
        ErrorCode::kInvalidArgument,
        tensor + ": packed as " + std::string(DTypeName(panels.dtype)) +
            " for other products than were asked for in LoadOptions.isa and "
            "LoadOptions.precision; leave them automatic, or load the file that was packed");
  }
  return *layout;
}

// Sums of int8 weights, stored as fp32, which holds them exactly. Within these bounds nothing that
// is computed of them overflows.
std::vector<std::int32_t> ReadSums(WeightSource& weights, const std::string& name,
                                   std::size_t outputs, std::size_t inputs) {
  const std::vector<float> stored = weights.GetFloats(name, {outputs});
  const float most = 128.0f * static_cast<float>(inputs);
  std::vector<std::int32_t> sums;
  sums.reserve(outputs);
  for (const float sum : stored) {
    if (!(std::fabs(sum) <= most) || sum != std::trunc(sum)) {
      throw Error(ErrorCode::kInvalidModel, "tensor " + Quoted(name) + ": element " +
                                                std::to_string(sums.size()) + " is no sum of " +
                                                std::to_string(inputs) + " int8 weights");
    }
    sums.push_back(static_cast<std::int32_t>(sum));
  }
  return sums;
}

}  // namespace

std::unique_ptr<const kernels::PackedLinear> ReadPanels(WeightSource& weights,
                                                        std::span<const std::string> scopes,
                                                        std::size_t outputs, std::size_t inputs,
                                                        const Arithmetic& arithmetic) {
  const std::vector<std::string> names(scopes.begin(), scopes.end());
  const std::size_t all = outputs * names.size();
  const std::string panels_name = PanelsName(names);
  const PanelLayout layout =
      RequireLayout(weights, weights.Require(panels_name), arithmetic, inputs);
  const TensorEntry& panels = weights.GetUnread(
      panels_name,
      {layout.Panels(all), layout.Depth(inputs) / layout.group, layout.width, layout.group});
  auto packed = std::make_unique<PackedPanels>(inputs, all, layout, panels.data, weights.memory());
  const bool int8 = layout.dtype == DType::kI8;
  for (std::size_t i = 0; i < names.size(); ++i) {
    packed->SetBias(i * outputs, weights.GetFloats(names[i] + ".bias", {outputs}));
    if (!int8) continue;
    packed->SetScales(i * outputs, weights.GetFloats(names[i] + ".weight_scale", {outputs}));
  }
  if (int8) packed->SetSums(0, ReadSums(weights, SumsName(names), all, inputs));
  return packed;
}

}  // namespace radie
