#include "tools/file_identity.h"

#include <sys/stat.h>

namespace radie::tools {
namespace {

std::optional<FileIdentity> IdentityIn(const struct stat& facts) {
  if (!S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode)) return std::nullopt;
  return FileIdentity{facts.st_dev, facts.st_ino};
}

}  // namespace

std::optional<FileIdentity> IdentityOf(const std::string& path) {
  struct stat facts = {};
  if (::stat(path.c_str(), &facts) != 0) return std::nullopt;
  return IdentityIn(facts);
}

std::optional<FileIdentity> IdentityOf(int descriptor) {
  struct stat facts = {};
  if (::fstat(descriptor, &facts) != 0) return std::nullopt;
  return IdentityIn(facts);
}

}  // namespace radie::tools
