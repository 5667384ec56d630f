#include "libradie/model/file_writer.h"

#include <cstdint>
#include <nlohmann/json.hpp>

#include "libradie/base/sha256.h"
#include "libradie/model/model_file.h"
#include "libradie/model/packed_form.h"

namespace radie {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kAlignment = 64;

std::size_t ToNext(std::size_t at) { return (kAlignment - at % kAlignment) % kAlignment; }

// Where each tensor lies, and the bytes of all.
struct Layout {
  Json tensors = Json::object();
  std::vector<std::size_t> begins;
  std::size_t size = 0;

  void Add(const std::string& name, DType dtype, const std::vector<std::size_t>& shape,
           std::size_t bytes) {
    tensors[name] = {
        {"dtype", DTypeName(dtype)}, {"shape", shape}, {"data_offsets", {size, size + bytes}}};
    size += bytes;
  }
};

Layout LayOut(std::span<const TensorToWrite> tensors, std::size_t aligned) {
  Layout layout;
  std::size_t paddings = 0;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    layout.begins.push_back(layout.size);
    layout.Add(tensors[i].name, tensors[i].dtype, tensors[i].shape, tensors[i].data.size());
    const std::size_t padding = i + 1 < aligned ? ToNext(layout.size) : 0;
    if (padding != 0) layout.Add(PaddingName(paddings++), DType::kI8, {padding}, padding);
  }
  return layout;
}

// The header, preceded by its length and filled up so that the buffer begins at a multiple of 64.
std::string HeaderOf(const std::map<std::string, std::string>& metadata, const Json& tensors) {
  Json header = {{"__metadata__", metadata}};
  header.update(tensors);
  std::string text = header.dump();
  text.append(ToNext(kHeaderLengthBytes + text.size()), ' ');
  std::string file;
  for (std::size_t i = 0; i < kHeaderLengthBytes; ++i) {
    file += static_cast<char>(std::uint64_t{text.size()} >> (8 * i));
  }
  return file + text;
}

}  // namespace

std::string WriteModelFile(std::map<std::string, std::string> metadata,
                           std::span<const TensorToWrite> tensors, std::size_t aligned) {
  const Layout layout = LayOut(tensors, aligned);
  // A digest has the length of any other: so the header's size is known, and the buffer is written
  // behind it where it stays.
  std::string& digest = metadata["tensors_sha256"];
  digest.assign(64, '0');
  const std::size_t header = HeaderOf(metadata, layout.tensors).size();
  std::string file(header + layout.size, '\0');
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const std::span<const std::byte> data = tensors[i].data;
    file.replace(header + layout.begins[i], data.size(), reinterpret_cast<const char*>(data.data()),
                 data.size());
  }
  const auto hash = Sha256(std::string_view(file).substr(header));
  digest = HexOf(hash.data(), hash.size());
  return file.replace(0, header, HeaderOf(metadata, layout.tensors));
}

}  // namespace radie
