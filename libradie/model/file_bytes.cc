#include "libradie/model/file_bytes.h"

#include <algorithm>
#include <cstring>

#include "libradie/base/aligned_memory.h"
#include "libradie/model/open_file.h"
#include "radie/error.h"

namespace radie {

void ThrowModelFileError(const std::string& path, const std::string& problem) {
  throw Error(ErrorCode::kIo, "model file " + path + ": " + problem);
}

void FileBytes::Release::operator()(std::byte* bytes) const {
  if (mapped != 0) {
    UnmapFile(bytes, mapped);
  } else {
    FreeAligned(bytes);
  }
}

FileBytes::Bytes FileBytes::Allocate(std::size_t size, bool stays) {
  constexpr std::size_t kCacheLine = 64, kLargePage = std::size_t{2} << 20;
  const bool large = stays && size >= kLargePage;
  void* const bytes =
      AllocateAligned(std::max<std::size_t>(size, 1), large ? kLargePage : kCacheLine);
  if (large) PreferLargePages(bytes, size, kLargePage);
  return Bytes(static_cast<std::byte*>(bytes), Release{0});
}

void FileBytes::DropPages(const std::byte* begin, std::size_t bytes) const {
  if (bytes_.get_deleter().mapped != 0) DropMappedPages(begin, bytes);
}

FileBytes FileBytes::Map(const std::string& path) {
  const OpenFile file(path);
  if (file.size() == 0) return Copy(nullptr, 0);  // nothing to map
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): const to all but the deleter
  return FileBytes(Bytes(const_cast<std::byte*>(file.Map()), Release{file.size()}), file.size());
}

FileBytes FileBytes::Read(const std::string& path, bool stays, std::size_t most) {
  const OpenFile file(path);
  const std::size_t size = std::min(file.size(), most);
  Bytes bytes = Allocate(size, stays);
  for (std::size_t done = 0; done < size;) {
    const std::size_t got = file.ReadSome(bytes.get() + done, size - done);
    if (got == 0) {
      ThrowModelFileError(
          path, "ended after " + std::to_string(done) + " of " + std::to_string(size) + " bytes");
    }
    done += got;
  }
  return FileBytes(std::move(bytes), size);
}

FileBytes FileBytes::Copy(const void* bytes, std::size_t size) {
  if (bytes == nullptr && size != 0) {
    throw Error(ErrorCode::kInvalidArgument, "model bytes: a null pointer");
  }
  Bytes copy = Allocate(size, false);
  if (size != 0) std::memcpy(copy.get(), bytes, size);
  return FileBytes(std::move(copy), size);
}

}  // namespace radie
