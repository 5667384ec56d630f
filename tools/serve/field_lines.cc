#include "tools/serve/field_lines.h"

#include <algorithm>
#include <cctype>

namespace radie::tools::serve {
namespace {

constexpr char kBlanks[] = " \t";

bool SameName(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

}  // namespace

bool IsNameByte(char byte) {
  return std::isalnum(static_cast<unsigned char>(byte)) != 0 ||
         (byte != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(byte) != std::string_view::npos);
}

bool IsFieldName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), IsNameByte);
}

bool IsFieldLine(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view name = line.substr(0, colon), value = line.substr(colon + 1);
  if (!IsFieldName(name)) return false;
  if (!SameName(name, "Content-Length") && !SameName(name, "Transfer-Encoding")) return true;
  // httplib forgets a field without a value, and takes %35 for 5.
  return value.find_first_not_of(kBlanks) != std::string_view::npos &&
         value.find('%') == std::string_view::npos;
}

bool ListHas(std::string_view value, std::string_view name) {
  for (;;) {
    const std::size_t comma = value.find(',');
    const std::string_view part = value.substr(0, comma);
    const std::size_t begin = std::min(part.find_first_not_of(kBlanks), part.size());
    const std::size_t end = part.find_last_not_of(kBlanks) + 1;
    if (begin < end && SameName(part.substr(begin, end - begin), name)) return true;
    if (comma == std::string_view::npos) return false;
    value.remove_prefix(comma + 1);
  }
}

}  // namespace radie::tools::serve
