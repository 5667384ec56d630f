#include "libradie/model/file_writer.h"

#include <cstdint>
#include <utility>

#include "libradie/base/json_tree.h"
#include "libradie/base/sha256.h"
#include "libradie/model/model_file.h"
#include "libradie/model/packed_form.h"

namespace radie {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr char kMetadata[] = "__metadata__";

std::size_t ToNext(std::size_t at) { return (kAlignment - at % kAlignment) % kAlignment; }

JsonTree ListOf(const std::vector<std::size_t>& numbers) {
  JsonTree list = JsonTree::Array();
  for (const std::size_t number : numbers) list.Append(number);
  return list;
}

// Where each tensor lies, and the bytes of all.
struct Layout {
  Layout() { header[kMetadata] = JsonTree::Object(); }  // is the first; filled in when it is known

  JsonTree header = JsonTree::Object();
  std::vector<std::size_t> begins;
  std::size_t size = 0;

  void Add(const std::string& name, DType dtype, const std::vector<std::size_t>& shape,
           std::size_t bytes) {
    header[name] = {{"dtype", DTypeName(dtype)},
                    {"shape", ListOf(shape)},
                    {"data_offsets", JsonTree::Array(size, size + bytes)}};
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
std::string HeaderOf(const std::map<std::string, std::string>& metadata, JsonTree& header) {
  JsonTree values = JsonTree::Object();
  for (const auto& [key, value] : metadata) values[key] = value;
  header[kMetadata] = std::move(values);
  std::string text = header.Text();
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
  Layout layout = LayOut(tensors, aligned);
  // A digest has the length of any other: so the header's size is known, and the buffer is written
  // behind it where it stays.
  std::string& digest = metadata["tensors_sha256"];
  digest.assign(64, '0');
  const std::size_t header = HeaderOf(metadata, layout.header).size();
  std::string file(header + layout.size, '\0');
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const std::span<const std::byte> data = tensors[i].data;
    file.replace(header + layout.begins[i], data.size(), reinterpret_cast<const char*>(data.data()),
                 data.size());
  }
  const auto hash = Sha256(std::string_view(file).substr(header));
  digest = HexOf(hash.data(), hash.size());
  return file.replace(0, header, HeaderOf(metadata, layout.header));
}

}  // namespace radie
