#include <array>

#include "radie/report.h"

namespace radie {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"denial", "unlikely", "may_represent", "likely",
                                                    "definite"};

}  // namespace

std::string_view CertaintyName(CertaintyClass value) noexcept {
  return kNames[static_cast<std::size_t>(value)];
}

std::optional<CertaintyClass> CertaintyFromName(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<CertaintyClass>(i);
  }
  return std::nullopt;
}

}  // namespace radie
