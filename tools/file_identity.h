// Which file this is, whatever it is called, and whether it has been written to.
#pragma once

#include <sys/types.h>

#include <cstdint>
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

// Two that are the same are of one file with the same bytes, as far as the system's clock tells
// writes apart: some milliseconds.
struct FileState {
  FileIdentity identity;
  off_t size = 0;
  std::int64_t changed_s = 0, changed_ns = 0;  // content or inode: no program can set it back
  bool operator==(const FileState&) const = default;
};

// As IdentityOf.
std::optional<FileState> StateOf(const std::string& path);

}  // namespace radie::tools
