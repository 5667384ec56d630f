#include "libradie/model/model_file.h"

#include <algorithm>
#include <utility>

#include "libradie/base/checked.h"
#include "libradie/base/sha256.h"
#include "libradie/model/file_bytes.h"
#include "libradie/model/json_value.h"
#include "libradie/model/packed_form.h"
#include "libradie/model/quoted.h"
#include "radie/error.h"

namespace radie {
namespace {

constexpr std::size_t kMaxHeader = 100'000'000;
constexpr std::size_t kMaxRank = 8;

using Kind = JsonValue::Kind;

[[noreturn]] void ThrowInvalidFile(const std::string& message,
                                   std::optional<std::size_t> offset = std::nullopt) {
  throw Error(ErrorCode::kInvalidModel, message, offset);
}

// What a file of at least kHeaderLengthBytes says first.
std::uint64_t LengthIn(const FileBytes& file) {
  std::uint64_t length = 0;
  for (std::size_t i = kHeaderLengthBytes; i-- > 0;) {
    length = length << 8 | std::to_integer<std::uint64_t>(file.data()[i]);
  }
  return length;
}

// Checked header length: the header lies inside the file.
std::size_t HeaderLength(const FileBytes& file) {
  if (file.size() < kHeaderLengthBytes) {
    ThrowInvalidFile(
        "model file: " + std::to_string(file.size()) + " bytes, too short for a header",
        file.size());
  }
  const std::uint64_t length = LengthIn(file);
  if (length > kMaxHeader) {
    ThrowInvalidFile("header length: " + std::to_string(length) + " bytes, at most " +
                         std::to_string(kMaxHeader),
                     0);
  }
  if (length > file.size() - kHeaderLengthBytes) {
    ThrowInvalidFile("header length: " + std::to_string(length) + " bytes, the file holds " +
                         std::to_string(file.size() - kHeaderLengthBytes) + " after it",
                     0);
  }
  return static_cast<std::size_t>(length);
}

DType ParseDType(const JsonValue* value, const std::string& tensor) {
  if (value == nullptr || value->kind != Kind::kString) {
    ThrowInvalidFile(tensor + ": dtype is missing or no string");
  }
  if (value->text == "F32") return DType::kF32;
  if (value->text == "F16") return DType::kF16;
  if (value->text == "BF16") return DType::kBF16;
  if (value->text == "I8") return DType::kI8;
  throw Error(ErrorCode::kUnsupportedModel,
              tensor + ": dtype " + Quoted(value->text) + ", expected F32, F16, BF16 or I8");
}

std::vector<std::size_t> ParseSizes(const JsonValue* value, const std::string& what) {
  if (value == nullptr || value->kind != Kind::kArray)
    ThrowInvalidFile(what + " is missing or no array");
  if (value->items.size() > kMaxRank) {
    ThrowInvalidFile(what + " has " + std::to_string(value->items.size()) + " numbers, at most " +
                     std::to_string(kMaxRank));
  }
  std::vector<std::size_t> sizes;
  for (const JsonValue& item : value->items) {
    if (item.kind != Kind::kUnsigned) ThrowInvalidFile(what + " holds what is not a whole number");
    sizes.push_back(item.integer);
  }
  return sizes;
}

// A tensor's place in the buffer, relative to the buffer's begin.
struct PlacedTensor {
  TensorEntry entry;
  std::size_t begin = 0, end = 0;
};

PlacedTensor ParseTensor(const std::string& name, const JsonValue& value, std::size_t buffer_size) {
  const std::string tensor = "tensor " + Quoted(name);
  if (value.kind != Kind::kObject) ThrowInvalidFile(tensor + ": no JSON object");
  PlacedTensor placed;
  placed.entry.name = name;
  placed.entry.dtype = ParseDType(value.Find("dtype"), tensor);
  placed.entry.shape = ParseSizes(value.Find("shape"), tensor + ": shape");
  const std::vector<std::size_t> offsets =
      ParseSizes(value.Find("data_offsets"), tensor + ": data_offsets");
  if (offsets.size() != 2) ThrowInvalidFile(tensor + ": data_offsets are not two numbers");
  placed.begin = offsets[0];
  placed.end = offsets[1];
  if (placed.begin > placed.end || placed.end > buffer_size) {
    ThrowInvalidFile(tensor + ": data_offsets [" + std::to_string(placed.begin) + ", " +
                     std::to_string(placed.end) + "] in a buffer of " +
                     std::to_string(buffer_size) + " bytes");
  }
  std::optional<std::size_t> bytes = ElementBytes(placed.entry.dtype);
  for (std::size_t size : placed.entry.shape) {
    bytes = CheckedMultiply(*bytes, size);
    if (!bytes) ThrowInvalidFile(tensor + ": shape overflows");
  }
  placed.entry.bytes = placed.end - placed.begin;
  if (*bytes != placed.entry.bytes) {
    ThrowInvalidFile(tensor + ": shape and dtype need " + std::to_string(*bytes) +
                     " bytes, data_offsets give " + std::to_string(placed.entry.bytes));
  }
  return placed;
}

std::map<std::string, std::string> ParseMetadata(JsonValue& value) {
  if (value.kind != Kind::kObject) ThrowInvalidFile("__metadata__: no JSON object");
  std::map<std::string, std::string> metadata;
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    if (value.items[i].kind != Kind::kString) {
      ThrowInvalidFile("__metadata__: value of " + Quoted(value.keys[i]) + " is no string");
    }
    metadata.emplace(std::move(value.keys[i]), std::move(value.items[i].text));
  }
  return metadata;
}

// Sorts into file order; the tensors must cover the buffer with no hole and no overlap.
void CheckCover(std::vector<PlacedTensor>* tensors, std::size_t buffer_size,
                std::size_t buffer_offset) {
  std::stable_sort(tensors->begin(), tensors->end(),
                   [](const PlacedTensor& a, const PlacedTensor& b) {
                     return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
                   });
  std::size_t covered = 0;
  for (const PlacedTensor& tensor : *tensors) {
    if (tensor.begin != covered) {
      ThrowInvalidFile("tensor " + Quoted(tensor.entry.name) + ": begins at " +
                           std::to_string(tensor.begin) +
                           " in the buffer, the one before it ends at " + std::to_string(covered),
                       buffer_offset + tensor.begin);
    }
    covered = tensor.end;
  }
  if (covered != buffer_size) {
    ThrowInvalidFile("model file: the tensors end at " + std::to_string(covered) + " of " +
                         std::to_string(buffer_size) + " bytes of the buffer",
                     buffer_offset + covered);
  }
}

}  // namespace

class ModelFile::Impl {
 public:
  explicit Impl(FileBytes bytes) : file_(std::make_shared<const FileBytes>(std::move(bytes))) {
    const std::size_t header_length = HeaderLength(*file_);
    const char* text = reinterpret_cast<const char*>(file_->data()) + kHeaderLengthBytes;
    JsonValue header =
        ParseJson(std::string_view(text, header_length), "model file header", kHeaderLengthBytes);
    if (header.kind != Kind::kObject)
      ThrowInvalidFile("model file header: no JSON object", kHeaderLengthBytes);
    const std::size_t buffer_offset = kHeaderLengthBytes + header_length;
    const std::size_t buffer_size = file_->size() - buffer_offset;
    buffer_ = {reinterpret_cast<const char*>(file_->data()) + buffer_offset, buffer_size};

    std::vector<PlacedTensor> placed;
    for (std::size_t i = 0; i < header.items.size(); ++i) {
      if (header.keys[i] == "__metadata__") {
        metadata_ = ParseMetadata(header.items[i]);
      } else {
        placed.push_back(ParseTensor(header.keys[i], header.items[i], buffer_size));
      }
    }
    CheckCover(&placed, buffer_size, buffer_offset);
    tensors_.reserve(placed.size());
    for (PlacedTensor& tensor : placed) {
      tensor.entry.data = file_->data() + buffer_offset + tensor.begin;
      tensors_.push_back(std::move(tensor.entry));
    }
    for (const TensorEntry& tensor : tensors_) by_name_.emplace(tensor.name, &tensor);
  }

  const TensorEntry* Find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
  }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  const std::vector<TensorEntry>& tensors() const { return tensors_; }
  std::size_t size() const { return file_->size(); }
  std::string_view buffer() const { return buffer_; }
  const std::shared_ptr<const FileBytes>& file() const { return file_; }

 private:
  std::shared_ptr<const FileBytes> file_;
  std::string_view buffer_;  // of tensors, in *file_
  std::map<std::string, std::string> metadata_;
  std::vector<TensorEntry> tensors_;
  std::map<std::string_view, const TensorEntry*> by_name_;  // into tensors_
};

ModelFile::ModelFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ModelFile::~ModelFile() = default;
ModelFile::ModelFile(ModelFile&&) noexcept = default;
ModelFile& ModelFile::operator=(ModelFile&&) noexcept = default;

namespace {

// Whether the header has the key, as far as can be told without parsing it (in a string, a
// vocabulary say, its quotes are escaped). No more than a choice of memory depends on it.
bool SeemsPacked(const std::string& path) {
  const FileBytes length = FileBytes::Read(path, false, kHeaderLengthBytes);
  if (length.size() < kHeaderLengthBytes) return false;
  const std::size_t end =
      kHeaderLengthBytes + std::min<std::uint64_t>(LengthIn(length), kMaxHeader);
  const FileBytes begin = FileBytes::Read(path, false, end);
  const std::string_view text(reinterpret_cast<const char*>(begin.data()), begin.size());
  std::string key = "\"";
  key.append(kPackedKey).append("\"");
  return text.find(key) != std::string_view::npos;
}

}  // namespace

ModelFile ModelFile::Open(const std::string& path, std::optional<bool> map) {
  const bool packed = map != true && SeemsPacked(path);
  const bool mapped = map.value_or(packed);
  return ModelFile(
      std::make_unique<Impl>(mapped ? FileBytes::Map(path) : FileBytes::Read(path, packed)));
}

ModelFile ModelFile::FromMemory(const void* bytes, std::size_t size) {
  return ModelFile(std::make_unique<Impl>(FileBytes::Copy(bytes, size)));
}

const std::map<std::string, std::string>& ModelFile::metadata() const { return impl_->metadata(); }
const std::vector<TensorEntry>& ModelFile::tensors() const { return impl_->tensors(); }
const TensorEntry* ModelFile::Find(std::string_view name) const { return impl_->Find(name); }
std::uint64_t ModelFile::size() const { return impl_->size(); }

std::shared_ptr<const void> ModelFile::memory() const { return impl_->file(); }

void ModelFile::DropPages(const TensorEntry& tensor) const {
  impl_->file()->DropPages(tensor.data, tensor.bytes);
}

std::string ModelFile::TensorsSha256() const {
  const auto digest = Sha256(impl_->buffer());
  return HexOf(digest.data(), digest.size());
}

}  // namespace radie
