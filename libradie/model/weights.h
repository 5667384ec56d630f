// How layers find their weights: by scope and name, with the shape they expect.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "libradie/base/thread_pool.h"
#include "libradie/base/weight_memory.h"
#include "libradie/model/model_file.h"
#include "libradie/model/packed_form.h"

namespace radie {

// A linear layer that was made of the weights: layers of `outputs` each, stacked when there are
// several scopes, and the type in which its products compute.
struct LayerNote {
  std::vector<std::string> scopes;
  std::size_t outputs = 0, inputs = 0;
  DType dtype = DType::kF32;
};

// Remembers what was asked for, so that left-over tensors can be reported. Not thread-safe; used
// while loading. The file must outlive it.
class WeightSource {
 public:
  // At most `threads` look through the weights and pack them, the calling one included; 0: as many
  // as the process may use. A small file takes fewer, and so do weights that are packed, which are
  // used as they are. Throws Error(kInvalidModel or kUnsupportedModel) for what the file says of
  // its packed form.
  explicit WeightSource(const ModelFile& file, std::size_t threads = 1)
      : file_(file), packed_(ParsePackedForm(file)), pool_(ThreadsFor(threads)) {}

  // For those who make layers of the weights.
  ThreadPool& pool() { return pool_; }
  WeightMemory& memory() { return memory_; }

  // nullptr when the file is not packed. Of a packed file, layers may go on using the data of
  // tensors where it is, as long as its memory() is kept.
  const PackedForm* packed() const { return packed_ ? &*packed_ : nullptr; }

  // The tensor, of a floating type, with exactly this shape and finite values. Throws
  // Error(kInvalidModel) naming tensor, expected and found shape.
  const TensorEntry& Get(const std::string& name, std::initializer_list<std::size_t> shape);

  // The same, or int8 elements (whose scales are a tensor of their own).
  const TensorEntry& GetAny(const std::string& name, std::initializer_list<std::size_t> shape);

  // The same, converted to fp32.
  std::vector<float> GetFloats(const std::string& name, std::initializer_list<std::size_t> shape);

  // The tensor, whatever it is; does not count as asking for it. Throws Error(kInvalidModel) when
  // it is missing.
  const TensorEntry& Require(const std::string& name) const;

  // The same as GetAny, but its values are not looked at: any bytes.
  const TensorEntry& GetUnread(const std::string& name, std::initializer_list<std::size_t> shape);

  // Outputs of a linear layer, for a size that only its tensors tell; at least 1 and at most
  // `most`. Throws Error(kInvalidModel). Does not count as asking for them.
  std::size_t Outputs(const std::string& scope, std::size_t most) const;

  // The layer that asked for the tensor has its own copy now.
  void Copied(const TensorEntry& tensor) const { file_.DropPages(tensor); }

  // The linear layers made so far, in order.
  void Note(LayerNote layer) { layers_.push_back(std::move(layer)); }
  const std::vector<LayerNote>& layers() const { return layers_; }

  // Throws Error(kInvalidModel) naming the first tensor of the file that nobody asked for.
  void RequireAllUsed() const;

 private:
  std::size_t ThreadsFor(std::size_t threads) const;

  const ModelFile& file_;
  const std::optional<PackedForm> packed_;
  ThreadPool pool_;
  WeightMemory memory_;
  std::vector<LayerNote> layers_;
  std::set<std::string, std::less<>> used_;
};

// fp32 copy of a tensor of a floating type; the shorter ones are widened exactly.
std::vector<float> ToFloats(const TensorEntry& tensor);

}  // namespace radie
