#include "libradie/text/character_readers.h"

#include <algorithm>

#include "libradie/base/utf8.h"
#include "libradie/base/utf8_sequence.h"
#include "libradie/text/jis_tables.h"

namespace radie {
namespace {

using Kind = CharacterRead::Kind;

constexpr char32_t kFirstKana = 0xFF61;  // ｡, byte A1 of JIS X 0201

unsigned ByteAt(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

CharacterRead ReadAs(std::size_t bytes, char32_t character) {
  return {Kind::kCharacter, bytes, character};
}

// A sequence that should have `bytes` bytes.
CharacterRead Broken(std::string_view text, std::size_t bytes) {
  std::size_t end = 1;
  while (end < bytes && end < text.size() && ByteAt(text, end) >= 0x80) ++end;
  return {Kind::kBroken, end};
}

CharacterRead CharacterOrBroken(std::string_view text, std::size_t bytes, char32_t character) {
  return character != 0 ? ReadAs(bytes, character) : Broken(text, bytes);
}

bool IsKana(unsigned byte) { return byte >= 0xA1 && byte <= 0xDF; }

}  // namespace

CharacterRead ReadUtf8(std::string_view bytes) {
  const auto [length, well_formed] = Utf8SequenceAt(bytes, 0);
  if (!well_formed) return {Kind::kBroken, length};
  std::size_t position = 0;
  return ReadAs(length, NextCodePoint(bytes, &position));
}

CharacterRead ReadCp932(std::string_view bytes) {
  const unsigned lead = ByteAt(bytes, 0);
  if (lead < 0x80) return ReadAs(1, lead);
  if (IsKana(lead)) return ReadAs(1, kFirstKana + lead - 0xA1);
  if (lead == 0x80 || lead == 0xA0 || lead > 0xFC) return Broken(bytes, 1);
  if (bytes.size() < 2) return Broken(bytes, 2);
  return CharacterOrBroken(bytes, 2, Cp932Pair(lead, ByteAt(bytes, 1)));
}

CharacterRead ReadEucJp(std::string_view bytes) {
  const unsigned lead = ByteAt(bytes, 0);
  if (lead < 0x80) return ReadAs(1, lead);
  const std::size_t length = lead == 0x8F                                     ? 3
                             : lead == 0x8E || (lead >= 0xA1 && lead <= 0xFE) ? 2
                                                                              : 1;
  if (length == 1 || bytes.size() < length) return Broken(bytes, length);
  const unsigned second = ByteAt(bytes, 1);
  if (lead == 0x8E)
    return CharacterOrBroken(bytes, 2, IsKana(second) ? kFirstKana + second - 0xA1 : 0);
  return CharacterOrBroken(bytes, length,
                           lead == 0x8F ? JisX0212(second - 0xA0, ByteAt(bytes, 2) - 0xA0)
                                        : JisX0208(lead - 0xA0, second - 0xA0));
}

CharacterRead ReadUtf16(std::string_view bytes, bool big_endian) {
  const auto unit = [&](std::size_t i) -> char32_t {
    const unsigned first = ByteAt(bytes, i), second = ByteAt(bytes, i + 1);
    return big_endian ? first << 8 | second : second << 8 | first;
  };
  if (bytes.size() < 2) return {Kind::kBroken, 1};
  const char32_t lead = unit(0);
  if (lead < 0xD800 || lead > 0xDFFF) return ReadAs(2, lead);
  const char32_t trail = lead < 0xDC00 && bytes.size() >= 4 ? unit(2) : 0;
  if (trail < 0xDC00 || trail > 0xDFFF) return {Kind::kBroken, 2};
  return ReadAs(4, 0x10000 + ((lead - 0xD800) << 10) + (trail - 0xDC00));
}

CharacterRead Iso2022JpReader::Read(std::string_view bytes) {
  const unsigned byte = ByteAt(bytes, 0);
  if (byte == 0x1B) return ReadEscape(bytes);
  if (byte >= 0x80 || byte == 0x0E || byte == 0x0F) return {Kind::kBroken, 1};
  if (byte < 0x20) return ReadAs(1, byte);
  switch (set_) {
    case Set::kAscii:
      return ReadAs(1, byte);
    case Set::kRoman:
      return ReadAs(1, byte == '\\' ? 0xA5 : byte == '~' ? 0x203E : byte);
    case Set::kKana:
      if (byte < 0x21 || byte > 0x5F) return {Kind::kBroken, 1};
      return ReadAs(1, kFirstKana + byte - 0x21);
    case Set::kJisX0208:
    case Set::kJisX0212:
      break;
  }
  // Here ASCII's bytes are those of characters: what ends a broken sequence is what can be none.
  const unsigned second = bytes.size() > 1 ? ByteAt(bytes, 1) : 0;
  if (byte < 0x21 || byte > 0x7E || second < 0x21 || second > 0x7E) return {Kind::kBroken, 1};
  const char32_t character = set_ == Set::kJisX0208 ? JisX0208(byte - 0x20, second - 0x20)
                                                    : JisX0212(byte - 0x20, second - 0x20);
  return character != 0 ? ReadAs(2, character) : CharacterRead{Kind::kBroken, 2};
}

// An unknown escape sequence is broken as a whole: intermediate bytes 20 to 2F, one final byte 30
// to 7E (ISO 2022).
CharacterRead Iso2022JpReader::ReadEscape(std::string_view bytes) {
  constexpr std::size_t kMaxEscape = 4;
  struct {
    std::string_view bytes;
    Set set;
  } constexpr kEscapes[] = {{"\x1B(B", Set::kAscii},    {"\x1B(J", Set::kRoman},
                            {"\x1B(I", Set::kKana},     {"\x1B$B", Set::kJisX0208},
                            {"\x1B$@", Set::kJisX0208}, {"\x1B$(D", Set::kJisX0212}};
  for (const auto& escape : kEscapes) {
    if (bytes.substr(0, escape.bytes.size()) != escape.bytes) continue;
    set_ = escape.set;
    return {Kind::kEscape, escape.bytes.size()};
  }
  std::size_t end = 1;
  const std::size_t limit = std::min(bytes.size(), kMaxEscape);
  while (end < limit && ByteAt(bytes, end) >= 0x20 && ByteAt(bytes, end) <= 0x2F) ++end;
  if (end < limit && ByteAt(bytes, end) >= 0x30 && ByteAt(bytes, end) <= 0x7E) ++end;
  return {Kind::kBroken, end};
}

}  // namespace radie
