#include "libradie/base/cpu_limit.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>

namespace radie {
namespace {

std::optional<std::int64_t> ReadNumber(std::string_view text) {
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

std::optional<std::size_t> WholeCpus(std::optional<std::int64_t> quota,
                                     std::optional<std::int64_t> period) {
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;
  return static_cast<std::size_t>(*quota / *period + (*quota % *period != 0 ? 1 : 0));
}

std::string FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::optional<std::size_t> LimitOfVersion2(const std::string& folder) {
  std::istringstream line(FirstLine(folder + "/cpu.max"));  // "max 100000" or "150000 100000"
  std::string quota, period;
  line >> quota >> period;
  return WholeCpus(ReadNumber(quota), ReadNumber(period));
}

std::optional<std::size_t> LimitOfVersion1(const std::string& folder) {
  return WholeCpus(ReadNumber(FirstLine(folder + "/cpu.cfs_quota_us")),
                   ReadNumber(FirstLine(folder + "/cpu.cfs_period_us")));
}

using LimitOf = std::optional<std::size_t> (*)(const std::string& folder);

// The smallest limit from `mount` + `path` up to `mount` itself.
std::optional<std::size_t> LimitUpwards(const std::string& mount, std::string path, LimitOf limit) {
  std::optional<std::size_t> smallest;
  for (;;) {
    while (!path.empty() && path.back() == '/') path.pop_back();
    if (std::optional<std::size_t> found = limit(mount + path)) {
      smallest = smallest ? std::min(*smallest, *found) : *found;
    }
    if (path.empty()) return smallest;
    const std::size_t slash = path.rfind('/');
    path.resize(slash == std::string::npos ? 0 : slash);
  }
}

bool ListHas(std::string_view list, std::string_view item) {
  for (;;) {
    const std::size_t comma = list.find(',');
    if (list.substr(0, comma) == item) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

std::optional<std::size_t> CgroupCpuLimit(const std::string& memberships, const std::string& root) {
  std::optional<std::size_t> smallest;
  std::istringstream lines(memberships);
  for (std::string line; std::getline(lines, line);) {  // "0::/path" or "4:cpu,cpuacct:/path"
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string path = line.substr(second + 1);
    std::optional<std::size_t> found;
    if (controllers.empty()) {
      found = LimitUpwards(root, path, LimitOfVersion2);
    } else if (ListHas(controllers, "cpu")) {
      found = LimitUpwards(root + "/cpu", path, LimitOfVersion1);
    }
    if (found) smallest = smallest ? std::min(*smallest, *found) : *found;
  }
  return smallest;
}

}  // namespace radie
