// Which file this is, whatever it is called.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace radie::tools {

struct FileIdentity {
  dev_t device = 0;
  ino_t number = 0;
  bool operator==(const FileIdentity&) const = default;
};

// Of a regular file or a folder; nothing for what is neither or is not there.
std::optional<FileIdentity> IdentityOf(const std::string& path);
std::optional<FileIdentity> IdentityOf(int descriptor);

}  // namespace radie::tools
