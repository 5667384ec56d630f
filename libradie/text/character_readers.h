// One character at a time out of bytes in an encoding. All of them take whatever bytes come.
#pragma once

#include <cstddef>
#include <string_view>

namespace radie {

struct CharacterRead {
  enum class Kind {
    kCharacter,
    kEscape,  // bytes that say how to read what follows, and stand for no character
    kBroken,
  };
  Kind kind;
  std::size_t bytes;  // at least 1, at most what was given
  char32_t character = 0;
};

// What `bytes`, which must not be empty, begins with. A broken sequence is as long as the sequence
// that its first byte announces, but ends before the text does, and before a byte of ASCII: a lead
// byte that lost its trail must not swallow a line feed or a separator.
CharacterRead ReadUtf8(std::string_view bytes);
CharacterRead ReadCp932(std::string_view bytes);
CharacterRead ReadEucJp(std::string_view bytes);
CharacterRead ReadUtf16(std::string_view bytes, bool big_endian);

// ISO-2022-JP has a state: which set the bytes are in. A reader begins in ASCII. In every set the
// controls stand for themselves and change no state, as in Python; but for ESC, and for SO and SI,
// which would switch sets in other kinds of JIS and are broken here.
class Iso2022JpReader {
 public:
  CharacterRead Read(std::string_view bytes);

 private:
  enum class Set { kAscii, kRoman, kKana, kJisX0208, kJisX0212 };

  CharacterRead ReadEscape(std::string_view bytes);

  Set set_ = Set::kAscii;
};

}  // namespace radie
