// The invented reports of examples/reports, to have real text to work on.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace radie {

inline std::vector<std::string> SampleReports() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(RADIE_SOURCE_DIR "/examples/reports")) {
    if (entry.path().extension() == ".txt") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> reports;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    reports.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  if (reports.empty()) throw std::runtime_error("no sample reports");
  return reports;
}

inline std::size_t TotalBytes(const std::vector<std::string>& texts) {
  std::size_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size();
  return bytes;
}

}  // namespace radie
