#include "radie/model.h"

#include <memory>
#include <string>
#include <utility>

#include "libradie/base/float_environment.h"
#include "libradie/extract/loaded_model.h"

namespace radie {
namespace {

// The file itself is not kept: every layer has its own copy of its weights by the time this
// returns, or, of a packed file, keeps the memory that they lie in.
std::unique_ptr<const internal::LoadedModel> LoadFile(const ModelFile& file,
                                                      const LoadOptions& options) {
  if (options.verify_tensors) internal::VerifyTensors(file);
  WeightSource weights(file, options.threads);
  return internal::LoadModel(file, weights, internal::ChooseKernels(weights.packed(), options),
                             options);
}

}  // namespace

Model::Model(std::unique_ptr<const internal::LoadedModel> loaded) : loaded_(std::move(loaded)) {}
Model::~Model() = default;

std::shared_ptr<const Model> Model::Load(const std::string& path, const LoadOptions& options) {
  const FloatEnvironment environment;
  internal::RequireThreads(options);
  const ModelFile file = ModelFile::Open(path, options.map_file);
  return std::shared_ptr<const Model>(new Model(LoadFile(file, options)));
}

std::shared_ptr<const Model> Model::LoadFromMemory(const void* bytes, std::size_t size,
                                                   const LoadOptions& options) {
  const FloatEnvironment environment;
  internal::RequireThreads(options);
  const ModelFile file = ModelFile::FromMemory(bytes, size);
  return std::shared_ptr<const Model>(new Model(LoadFile(file, options)));
}

const ModelInfo& Model::info() const noexcept { return loaded_->info; }

bool Model::has_stage(Stage stage) const noexcept { return loaded_->EncoderOf(stage) != nullptr; }

}  // namespace radie
