#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "libradie/base/float_environment.h"
#include "libradie/extract/loaded_model.h"
#include "libradie/kernels/packed_panels.h"
#include "libradie/model/file_writer.h"
#include "libradie/nn/linear.h"
#include "radie/error.h"
#include "radie/pack.h"

namespace radie {
namespace {

using kernels::KernelSet;
using kernels::PackedPanels;

template <typename Element>
std::span<const std::byte> BytesOf(std::span<const Element> elements) {
  return std::as_bytes(elements);
}

// What stands in a packed file in place of one product's matrices.
struct PackedLayers {
  PackedLayers(WeightSource& weights, const LayerNote& note_, const KernelSet& kernels)
      : note(note_), linear(PackLayers(weights, note_, kernels)) {
    for (const std::int32_t sum : panels().sums()) sums.push_back(static_cast<float>(sum));
  }

  const PackedPanels& panels() const { return static_cast<const PackedPanels&>(*linear); }

  LayerNote note;
  std::unique_ptr<const kernels::PackedLinear> linear;
  std::vector<float> sums;  // in fp32, which holds them exactly
};

// The tensors of the new file.
class Tensors {
 public:
  explicit Tensors(const KernelSet& kernels) : kernels_(kernels) {}

  void Add(const PackedLayers& layers) {
    const LayerNote& note = layers.note;
    const std::size_t outputs = note.outputs * note.scopes.size();
    const PanelLayout layout = *kernels_.LayoutOf(note.dtype);
    in_place_.push_back({PanelsName(note.scopes),
                         note.dtype,
                         {layout.Panels(outputs), layout.Depth(note.inputs) / layout.group,
                          layout.width, layout.group},
                         layers.panels().panels()});
    for (std::size_t i = 0; i < note.scopes.size(); ++i) {
      const std::string& scope = note.scopes[i];
      replaced_.insert(scope + ".weight");
      replaced_.insert(scope + ".weight_scale");
      if (note.dtype != DType::kI8) continue;
      const auto scales = layers.panels().scales().subspan(i * note.outputs, note.outputs);
      copied_.push_back(
          {scope + ".weight_scale", DType::kF32, {note.outputs}, BytesOf<float>(scales)});
    }
    if (note.dtype != DType::kI8) return;
    copied_.push_back({SumsName(note.scopes), DType::kF32, {outputs}, BytesOf<float>(layers.sums)});
  }

  // All that is not a layer's matrix.
  void AddRest(const ModelFile& file) {
    constexpr std::size_t kLarge = 4096;  // such as tables of embeddings
    for (const TensorEntry& tensor : file.tensors()) {
      if (replaced_.contains(tensor.name)) continue;
      auto& place = tensor.bytes >= kLarge ? in_place_ : copied_;
      place.push_back({tensor.name, tensor.dtype, tensor.shape, {tensor.data, tensor.bytes}});
    }
  }

  std::string Write(std::map<std::string, std::string> metadata) {
    const std::size_t aligned = in_place_.size();
    std::vector<TensorToWrite> all = in_place_;
    all.insert(all.end(), copied_.begin(), copied_.end());
    return WriteModelFile(std::move(metadata), all, aligned);
  }

 private:
  const KernelSet& kernels_;
  std::vector<TensorToWrite> in_place_, copied_;
  std::set<std::string> replaced_;  // names in the file that is packed
};

// Throws Error(kInvalidArgument) where the kernel set has no layout for a layer.
std::vector<PanelLayout> LayoutsOf(const std::vector<LayerNote>& layers, const KernelSet& kernels) {
  std::vector<PanelLayout> layouts;
  for (const LayerNote& layer : layers) {
    const std::optional<PanelLayout> layout = kernels.LayoutOf(layer.dtype);
    if (!layout) {
      throw Error(ErrorCode::kInvalidArgument,
                  "LoadOptions.isa: kernel set '" + std::string(kernels.name()) +
                      "' has no layout of weights that could be stored; choose another one");
    }
    if (std::find(layouts.begin(), layouts.end(), *layout) == layouts.end()) {
      layouts.push_back(*layout);
    }
  }
  return layouts;
}

// Of the encoders' layers.
std::string PrecisionOf(const std::vector<LayerNote>& layers) {
  std::optional<DType> precision;
  for (const LayerNote& layer : layers) {
    if (layer.scopes[0].find(".encoder.layer.") == std::string::npos) continue;
    if (precision.value_or(layer.dtype) != layer.dtype) return "mixed";
    precision = layer.dtype;
  }
  return internal::PrecisionNameOf(precision.value_or(DType::kF32));
}

}  // namespace

std::string PackModel(const std::string& path, const LoadOptions& options) {
  const FloatEnvironment environment;
  internal::RequireThreads(options);
  const ModelFile file = ModelFile::Open(path, options.map_file);
  if (options.verify_tensors) internal::VerifyTensors(file);
  WeightSource weights(file, options.threads);
  if (weights.packed() != nullptr) {
    throw Error(ErrorCode::kInvalidArgument,
                "model file: it is packed already; pack the file that it was made of");
  }
  const KernelSet& kernels = internal::ChooseKernels(nullptr, options);
  // Made to check the file and to learn of its layers; gone before they are packed again.
  const ModelInfo info = internal::LoadModel(file, weights, kernels, options)->info;
  PackedForm form;
  form.layouts = LayoutsOf(weights.layers(), kernels);
  form.precision = PrecisionOf(weights.layers());
  form.parameters = info.parameters;
  form.source_sha256 = info.tensors_sha256;

  std::vector<std::unique_ptr<const PackedLayers>> layers;
  Tensors tensors(kernels);
  for (const LayerNote& note : weights.layers()) {
    layers.push_back(std::make_unique<const PackedLayers>(weights, note, kernels));
    tensors.Add(*layers.back());
  }
  tensors.AddRest(file);
  std::map<std::string, std::string> metadata = file.metadata();
  metadata[kPackedKey] = PackedFormText(form);
  return tensors.Write(std::move(metadata));
}

}  // namespace radie
