// What one Python model owns: the loaded model, an extractor, and encoders as they are asked for.
// Knows nothing of Python, so that it may be used without the GIL.
#pragma once

#include <sys/types.h>

#include <array>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "radie/encoder.h"
#include "radie/extractor.h"
#include "radie/model.h"

namespace radie::python {

// Thread-safe. A child that a process forks has none of its threads: such a child must not use a
// handle (alive() is false there), and its destructor then leaves everything as it is.
class ModelHandle {
 public:
  // Throws as Model::Load and Extractor do.
  ModelHandle(const std::string& path, const LoadOptions& load, const ExtractorOptions& options);
  ~ModelHandle();
  ModelHandle(const ModelHandle&) = delete;
  ModelHandle& operator=(const ModelHandle&) = delete;

  bool alive() const noexcept;

  const ModelInfo& info() const noexcept { return model_->info(); }
  std::size_t threads() const noexcept { return extractor_->threads(); }

  // Extractor::Run with both stages on every text.
  std::vector<Outcome> Extract(std::span<const std::string_view> texts,
                               const RunControl& control) const;

  // The stage's encoder, made at the first call with as many threads as the extractor has. Throws
  // Error(kInvalidArgument) when the model has no such stage.
  const Encoder& EncoderOf(Stage stage);

 private:
  // Throws Error(kInvalidArgument) in a forked child.
  void RequireAlive() const;

  std::shared_ptr<const Model> model_;
  std::unique_ptr<const Extractor> extractor_;
  std::mutex encoders_mutex_;
  std::array<std::unique_ptr<const Encoder>, 3> encoders_;  // by Stage
  pid_t owner_;                                             // the process whose threads compute
};

}  // namespace radie::python
