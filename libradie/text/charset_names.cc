// Names of encodings.
#include <algorithm>
#include <string_view>

#include "radie/charset.h"

namespace radie {
namespace {

struct Alias {
  std::string_view name;  // lower case, without - and _
  Encoding encoding;
};

constexpr Alias kAliases[] = {
    {"utf8", Encoding::kUtf8},           {"cp932", Encoding::kCp932},
    {"windows31j", Encoding::kCp932},    {"windows932", Encoding::kCp932},
    {"ms932", Encoding::kCp932},         {"shiftjis", Encoding::kCp932},
    {"sjis", Encoding::kCp932},          {"eucjp", Encoding::kEucJp},
    {"ujis", Encoding::kEucJp},          {"cp51932", Encoding::kEucJp},
    {"iso2022jp", Encoding::kIso2022Jp}, {"jis", Encoding::kIso2022Jp},
    {"cp50221", Encoding::kIso2022Jp},   {"utf16", Encoding::kUtf16},
};

// Whether `name`, folded, is `folded`.
bool Matches(std::string_view name, std::string_view folded) {
  std::size_t at = 0;
  for (const char c : name) {
    if (c == '-' || c == '_') continue;
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (at == folded.size() || folded[at] != lower) return false;
    ++at;
  }
  return at == folded.size();
}

}  // namespace

const char* EncodingName(Encoding encoding) noexcept {
  switch (encoding) {
    case Encoding::kCp932:
      return "cp932";
    case Encoding::kEucJp:
      return "euc-jp";
    case Encoding::kIso2022Jp:
      return "iso-2022-jp";
    case Encoding::kUtf16:
      return "utf-16";
    case Encoding::kUtf8:
      break;
  }
  return "utf-8";
}

std::optional<Encoding> EncodingFromName(std::string_view name) noexcept {
  const auto* found = std::find_if(std::begin(kAliases), std::end(kAliases),
                                   [&](const Alias& alias) { return Matches(name, alias.name); });
  if (found == std::end(kAliases)) return std::nullopt;
  return found->encoding;
}

}  // namespace radie
