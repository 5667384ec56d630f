// How much CPU the cgroup of this process grants, read from the kernel's files.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace radie {

// The smallest quota, in whole CPUs rounded up and at least 1, of the process's cgroup and those
// above it; nothing when none is set. `memberships` is the text of /proc/self/cgroup, `root` where
// cgroups are mounted (/sys/fs/cgroup). Reads version 2 (cpu.max) and version 1 (cpu.cfs_quota_us
// over cpu.cfs_period_us). Inside a container, where the path named in `memberships` may be
// invisible, the mount's own root counts. Files that make no sense are ignored.
std::optional<std::size_t> CgroupCpuLimit(const std::string& memberships, const std::string& root);

}  // namespace radie
