#include "libradie/python/model_handle.h"

#include <unistd.h>

#include <string_view>

namespace radie::python {

ModelHandle::ModelHandle(const std::string& path, const LoadOptions& load,
                         const ExtractorOptions& options)
    : model_(Model::Load(path, load)),
      extractor_(std::make_unique<const Extractor>(model_, options)),
      owner_(::getpid()) {}

ModelHandle::~ModelHandle() {
  if (alive()) return;
  // Pools would wait for threads that only the parent has.
  static_cast<void>(extractor_.release());
  for (auto& encoder : encoders_) static_cast<void>(encoder.release());
}

bool ModelHandle::alive() const noexcept { return ::getpid() == owner_; }

void ModelHandle::RequireAlive() const {
  if (!alive())
    throw Error(ErrorCode::kInvalidArgument, "the model was loaded before this process was forked");
}

std::vector<Outcome> ModelHandle::Extract(std::span<const std::string_view> texts,
                                          const RunControl& control) const {
  RequireAlive();
  std::vector<Request> requests(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) requests[i].text = texts[i];
  return extractor_->Run(requests, control);
}

const Encoder& ModelHandle::EncoderOf(Stage stage) {
  RequireAlive();
  const std::lock_guard lock(encoders_mutex_);
  auto& encoder = encoders_.at(static_cast<std::size_t>(stage));
  if (!encoder) encoder = std::make_unique<const Encoder>(model_, stage, threads());
  return *encoder;
}

}  // namespace radie::python
