#include "libradie/write/utf8_cursor.h"

#include "libradie/base/utf8.h"
#include "libradie/base/utf8_sequence.h"

namespace radie {

DecodedCharacter DecodeAt(std::string_view text, std::size_t at) {
  const auto [bytes, well_formed] = Utf8SequenceAt(text, at);
  if (!well_formed) return {};
  return {NextCodePoint(text, &at), bytes, true};
}

}  // namespace radie
