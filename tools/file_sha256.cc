#include "tools/file_sha256.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>

#include "radie/fhir.h"
#include "tools/exit_codes.h"

namespace radie::tools {

std::string FileSha256(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat facts = {};
  void* bytes = MAP_FAILED;
  bool good = file >= 0 && ::fstat(file, &facts) == 0;
  const auto size = static_cast<std::size_t>(facts.st_size);
  if (good && size > 0) {
    bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    good = bytes != MAP_FAILED;
  }
  const int trouble = errno;
  if (file >= 0) ::close(file);
  if (!good)
    throw ExitError(kExitSomeFailed,
                    path + ": no SHA-256 of it: " + std::generic_category().message(trouble));
  if (size == 0) return Sha256Hex("");
  std::string hex = Sha256Hex({static_cast<const char*>(bytes), size});
  ::munmap(bytes, size);
  return hex;
}

}  // namespace radie::tools
