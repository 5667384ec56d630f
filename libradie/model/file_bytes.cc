#include "libradie/model/file_bytes.h"

#include <cstring>

#include "libradie/model/open_file.h"
#include "radie/error.h"

namespace radie {

void ThrowModelFileError(const std::string& path, const std::string& problem) {
  throw Error(ErrorCode::kIo, "model file " + path + ": " + problem);
}

void FileBytes::Release::operator()(const std::byte* bytes) const {
  if (mapped != 0) {
    UnmapFile(bytes, mapped);
  } else {
    delete[] bytes;
  }
}

FileBytes FileBytes::Map(const std::string& path) {
  const OpenFile file(path);
  if (file.size() == 0) return Copy(nullptr, 0);  // nothing to map
  return FileBytes(Bytes(file.Map(), Release{file.size()}), file.size());
}

FileBytes FileBytes::Read(const std::string& path) {
  const OpenFile file(path);
  auto bytes = std::make_unique_for_overwrite<std::byte[]>(file.size());
  for (std::size_t done = 0; done < file.size();) {
    const std::size_t got = file.ReadSome(bytes.get() + done, file.size() - done);
    if (got == 0) {
      ThrowModelFileError(path, "ended after " + std::to_string(done) + " of " +
                                    std::to_string(file.size()) + " bytes");
    }
    done += got;
  }
  return FileBytes(Bytes(bytes.release(), Release{0}), file.size());
}

FileBytes FileBytes::Copy(const void* bytes, std::size_t size) {
  if (bytes == nullptr && size != 0) {
    throw Error(ErrorCode::kInvalidArgument, "model bytes: a null pointer");
  }
  auto copy = std::make_unique_for_overwrite<std::byte[]>(size);
  if (size != 0) std::memcpy(copy.get(), bytes, size);
  return FileBytes(Bytes(copy.release(), Release{0}), size);
}

}  // namespace radie
