#include "tools/file_identity.h"

#include <sys/stat.h>

namespace radie::tools {
namespace {

std::optional<FileState> StateIn(const struct stat& facts) {
  if (!S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode)) return std::nullopt;
  return FileState{
      {facts.st_dev, facts.st_ino}, facts.st_size, facts.st_ctim.tv_sec, facts.st_ctim.tv_nsec};
}

std::optional<FileIdentity> IdentityIn(const std::optional<FileState>& state) {
  return state ? std::optional(state->identity) : std::nullopt;
}

}  // namespace

std::optional<FileState> StateOf(const std::string& path) {
  struct stat facts = {};
  if (::stat(path.c_str(), &facts) != 0) return std::nullopt;
  return StateIn(facts);
}

std::optional<FileIdentity> IdentityOf(const std::string& path) {
  return IdentityIn(StateOf(path));
}

std::optional<FileIdentity> IdentityOf(int descriptor) {
  struct stat facts = {};
  if (::fstat(descriptor, &facts) != 0) return std::nullopt;
  return IdentityIn(StateIn(facts));
}

}  // namespace radie::tools
