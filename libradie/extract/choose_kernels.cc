// The kernel set for a model file: what the caller asks for, and what reads a packed form.
#include <string>
#include <vector>

#include "libradie/extract/loaded_model.h"
#include "libradie/extract/pick_kernels.h"
#include "libradie/model/quoted.h"
#include "radie/error.h"

namespace radie::internal {
namespace {

constexpr char kRemedy[] = "load the file that was packed, or pack it for this";

void RequirePrecision(const PackedForm& packed, Precision precision) {
  if (precision == Precision::kAuto || packed.precision == PrecisionName(precision)) return;
  throw Error(ErrorCode::kInvalidArgument,
              std::string("LoadOptions.precision: ") + PrecisionName(precision) +
                  ", but the file is packed for " + DescribePackedForm(packed) +
                  "; leave the precision automatic, or " + kRemedy);
}

}  // namespace

std::string DescribePackedForm(const PackedForm& packed) {
  std::string text = Quoted(packed.precision), sets;
  text = text.substr(1, text.size() - 2);
  for (const PanelLayout& layout : packed.layouts) {
    text += &layout == packed.layouts.data() ? " (" : ", ";
    text += std::string(DTypeName(layout.dtype)) + " in panels of " + std::to_string(layout.width);
  }
  for (const std::string_view name : kernels::KernelSetsReading(packed.layouts)) {
    sets += (sets.empty() ? "" : ", ") + std::string(name);
  }
  return text + ")" +
         (sets.empty() ? ", which no kernel set of this build reads" : ", for kernel sets " + sets);
}

const kernels::KernelSet& ChooseKernels(const PackedForm* packed, const LoadOptions& options) {
  if (packed == nullptr) return PickKernels(options.isa, "LoadOptions.isa");
  RequirePrecision(*packed, options.precision);
  if (options.isa == Isa::kAuto) {
    for (const kernels::KernelSet* set : kernels::AvailableKernelSets()) {
      if (kernels::ReadsLayouts(*set, packed->layouts)) return *set;
    }
    throw Error(ErrorCode::kUnsupportedModel, "packed: no kernel set of this machine reads " +
                                                  DescribePackedForm(*packed) + "; " + kRemedy +
                                                  " machine");
  }
  const kernels::KernelSet& chosen = PickKernels(options.isa, "LoadOptions.isa");
  if (kernels::ReadsLayouts(chosen, packed->layouts)) return chosen;
  throw Error(ErrorCode::kInvalidArgument,
              std::string("LoadOptions.isa: kernel set '") + IsaName(options.isa) +
                  "' does not read the file, which is packed for " + DescribePackedForm(*packed) +
                  "; choose one of those or auto, or " + kRemedy + " kernel set");
}

}  // namespace radie::internal
