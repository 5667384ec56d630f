#include "libradie/tokenize/character_kinds.h"

#include <fstream>

#include "libradie/tokenize/run_limit.h"
#include "radie/error.h"

namespace radie {
namespace {

constexpr std::size_t kCharacters = 0xFFFF;  // U+0000 to U+FFFE
constexpr std::streamoff kNameBytes = 32;    // of a class
// A character's info, from the low bits up: 18 bits, one a class it is of; 8 for the class by
// default and 4 for a length; whether runs are grouped; whether also where there is a known word.
constexpr std::uint32_t kClasses = (1u << 18) - 1, kGrouped = 1u << 30;

}  // namespace

CharacterKinds::CharacterKinds(const std::string& path) : infos_(kCharacters) {
  std::ifstream file(path, std::ios::binary);
  std::uint32_t classes = 0;
  file.read(reinterpret_cast<char*>(&classes), sizeof classes);
  file.seekg(kNameBytes * std::streamoff{classes}, std::ios::cur);
  file.read(reinterpret_cast<char*>(infos_.data()),
            static_cast<std::streamsize>(infos_.size() * sizeof infos_[0]));
  if (!file || file.peek() != std::ifstream::traits_type::eof()) {
    throw Error(ErrorCode::kIo, "MeCab dictionary: " + path + " is no table of characters");
  }
}

// MeCab takes what its table has no room for as U+0000.
std::uint32_t CharacterKinds::Info(char32_t c) const { return infos_[c < infos_.size() ? c : 0]; }

void CharacterKinds::CheckRuns(std::u32string_view text) const {
  RunLimit limit;
  std::size_t length = 0, grouped = 0;  // of the run so far
  std::uint32_t before = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const std::uint32_t info = i < text.size() ? Info(text[i]) : 0;
    // A run goes on as long as neighbours have a class in common.
    if ((before & info & kClasses) == 0) {
      limit.Add(length, grouped, "characters of one class, for MeCab,");
      length = grouped = 0;
    }
    ++length;
    grouped += (info & kGrouped) != 0 ? 1 : 0;
    before = info;
  }
}

}  // namespace radie
