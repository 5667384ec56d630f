// Any bytes as a document: refused at the first broken sequence, or the same places in every unit.
#include <optional>

#include "fuzz.h"
#include "libradie/text/document.h"

namespace radie::fuzz {
namespace {

std::optional<std::size_t> FirstBroken(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const Utf8Sequence sequence = Utf8SequenceAt(bytes, at);
    if (!sequence.well_formed) return at;
    at += sequence.bytes;
  }
  return std::nullopt;
}

}  // namespace

RADIE_FUZZ_TARGET(document) {
  const std::optional<std::size_t> broken = FirstBroken(bytes);
  try {
    const Document document = Document::Decode(bytes);
    ASSERT_FALSE(broken);
    std::size_t points = 0, units = 0;
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t length = Utf8Length(bytes[at]);
      const TextSpan span = document.Span({at, at + length});
      ASSERT_EQ(span.utf8, (Range{at, at + length}));
      ASSERT_EQ(span.code_points, (Range{points, points + 1}));
      ASSERT_EQ(span.utf16, (Range{units, units + (length == 4 ? 2 : 1)}));
      for (const OffsetUnit unit :
           {OffsetUnit::kUtf8, OffsetUnit::kCodePoint, OffsetUnit::kUtf16}) {
        ASSERT_EQ(document.FromUnit(span.In(unit), unit), (SourceRange{at, at + length}));
      }
      if (length > 1) {
        ASSERT_THROW(document.FromUnit({at, at + 1}, OffsetUnit::kUtf8), Error);
      }
      at += length, points += 1, units += length == 4 ? 2 : 1;
    }
    ASSERT_THROW(document.FromUnit({points, points + 1}, OffsetUnit::kCodePoint), Error);
    ASSERT_THROW(document.FromUnit({0, units + 1}, OffsetUnit::kUtf16), Error);
  } catch (const Error& error) {
    ASSERT_EQ(error.code(), ErrorCode::kInvalidText);
    ASSERT_EQ(error.offset(), broken);
  }
}

}  // namespace radie::fuzz
