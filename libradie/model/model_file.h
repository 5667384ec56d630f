// The bounded reader of a safetensors file. Everything in the file is hostile until checked here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libradie/base/dtype.h"

namespace radie {

// A file begins with the length of its header, little-endian in as many bytes.
inline constexpr std::size_t kHeaderLengthBytes = 8;

// A tensor inside the mapped or copied file. Never owns; lives as long as its ModelFile.
struct TensorEntry {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<std::size_t> shape;
  const std::byte* data = nullptr;  // not necessarily aligned to the element
  std::size_t bytes = 0;
};

class ModelFile {
 public:
  // Throw Error(kIo) or Error(kInvalidModel). With `map`, the file is mapped read-only, without it
  // read; where it has no value, a packed file (packed_form.h) is mapped and any other read.
  static ModelFile Open(const std::string& path, std::optional<bool> map);
  static ModelFile FromMemory(const void* bytes, std::size_t size);  // copies

  ~ModelFile();
  ModelFile(ModelFile&&) noexcept;
  ModelFile& operator=(ModelFile&&) noexcept;

  const std::map<std::string, std::string>& metadata() const;
  const std::vector<TensorEntry>& tensors() const;       // in file order
  const TensorEntry* Find(std::string_view name) const;  // nullptr when absent
  std::uint64_t size() const;                            // bytes

  // Where the tensors' data lies: who keeps this may use it when the ModelFile is gone.
  std::shared_ptr<const void> memory() const;

  // What the tensor's data has been read for is done: of a mapped file, its pages need not stay in
  // memory. Its data may still be read.
  void DropPages(const TensorEntry& tensor) const;

  // SHA-256 of the buffer of tensors, everything behind the header, in lower-case hexadecimal
  // digits; reads all of it.
  std::string TensorsSha256() const;

 private:
  class Impl;
  explicit ModelFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace radie
