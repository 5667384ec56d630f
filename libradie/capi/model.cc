#include <optional>
#include <string>

#include "libradie/capi/guard.h"
#include "libradie/capi/versioned_struct.h"

namespace radie::capi {
namespace {

LoadOptions LoadOptionsOf(const radie_load_options& given) {
  LoadOptions options;
  if (given.isa != nullptr) {
    const std::optional<Isa> isa = IsaFromName(given.isa);
    if (!isa) Refuse("radie_load_options.isa: no kernel set has this name");
    options.isa = *isa;
  }
  if (given.precision != nullptr) {
    const std::optional<Precision> precision = PrecisionFromName(given.precision);
    if (!precision) Refuse("radie_load_options.precision: no precision has this name");
    options.precision = *precision;
  }
  if (given.mecab_dictionary != nullptr) options.mecab_dictionary = given.mecab_dictionary;
  if (given.mecab_user_dictionary != nullptr) {
    options.mecab_user_dictionary = given.mecab_user_dictionary;
  }
  options.verify_tensors = given.verify_tensors != 0;
  options.threads = given.threads;
  return options;
}

// load(options) gives the model.
template <typename Load>
std::unique_ptr<radie_model> Open(const radie_load_options* options, const Load& load) {
  const auto given = ReadOptions(options, "radie_load_options");
  auto handle = std::make_unique<radie_model>(radie_model{load(LoadOptionsOf(given))});
  const ModelInfo& info = handle->model->info();
  Log{given.log, given.log_context}(
      RADIE_LOG_INFO,
      "model loaded: " + std::to_string(info.parameters) + " parameters, kernel set " + info.isa);
  return handle;
}

}  // namespace
}  // namespace radie::capi

// NOLINTNEXTLINE(google-build-using-namespace): C's functions are defined outside of it
using namespace radie::capi;

radie_status radie_model_open(const char* path, const radie_load_options* options,
                              radie_model** model, radie_error** error) {
  return Publish(model, error, [&] {
    if (path == nullptr) Refuse("path: is NULL");
    return Open(options, [&](const radie::LoadOptions& o) { return radie::Model::Load(path, o); });
  });
}

radie_status radie_model_open_memory(const void* bytes, size_t size,
                                     const radie_load_options* options, radie_model** model,
                                     radie_error** error) {
  return Publish(model, error, [&] {
    if (bytes == nullptr) Refuse("bytes: is NULL");
    return Open(options, [&](const radie::LoadOptions& o) {
      return radie::Model::LoadFromMemory(bytes, size, o);
    });
  });
}

void radie_model_free(radie_model* model) { Free(model); }
