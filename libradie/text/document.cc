#include "libradie/text/document.h"

#include <algorithm>
#include <string>

#include "libradie/base/utf8.h"
#include "libradie/base/utf8_sequence.h"
#include "radie/error.h"

namespace radie {
namespace {

constexpr std::size_t kCheckpointBytes = 64;

std::size_t Utf16Units(std::size_t utf8_length) { return utf8_length == 4 ? 2 : 1; }

[[noreturn]] void ThrowBadRange(Range range, const char* trouble) {
  throw Error(ErrorCode::kInvalidArgument, "range [" + std::to_string(range.begin) + ", " +
                                               std::to_string(range.end) + ") " + trouble);
}

}  // namespace

Document Document::Decode(std::string_view utf8) {
  Document document(utf8);
  document.checkpoints_.reserve(utf8.size() / kCheckpointBytes + 2);
  document.checkpoints_.push_back({0, 0, 0});
  Checkpoint at{0, 0, 0};
  std::size_t next_checkpoint = kCheckpointBytes;
  while (at.byte < utf8.size()) {
    const auto [length, well_formed] = Utf8SequenceAt(utf8, at.byte);
    if (!well_formed) throw Error(ErrorCode::kInvalidText, "the text is not valid UTF-8", at.byte);
    at = {at.byte + length, at.code_points + 1, at.utf16 + Utf16Units(length)};
    if (at.byte >= next_checkpoint) {
      document.checkpoints_.push_back(at);
      next_checkpoint = at.byte + kCheckpointBytes;
    }
  }
  return document;
}

TextSpan Document::Span(SourceRange range) const {
  if (range.begin > range.end || range.end > text_.size() || !IsUtf8Boundary(text_, range.begin) ||
      !IsUtf8Boundary(text_, range.end)) {
    throw Error(ErrorCode::kInternal, "a range of the text does not stand on code points",
                range.begin);
  }
  const Checkpoint begin = Locate(&Checkpoint::byte, range.begin);
  const Checkpoint end = Locate(&Checkpoint::byte, range.end);
  return {{begin.byte, end.byte}, {begin.code_points, end.code_points}, {begin.utf16, end.utf16}};
}

SourceRange Document::FromUnit(Range range, OffsetUnit unit) const {
  if (range.begin > range.end) ThrowBadRange(range, "ends before it begins");
  if (range.begin == range.end) ThrowBadRange(range, "is empty");
  const auto field = unit == OffsetUnit::kUtf8        ? &Checkpoint::byte
                     : unit == OffsetUnit::kCodePoint ? &Checkpoint::code_points
                                                      : &Checkpoint::utf16;
  const Checkpoint begin = Locate(field, range.begin);
  const Checkpoint end = Locate(field, range.end);
  // Locate stops at the end of the text or behind the code point that it was asked to split.
  if (end.*field < range.end || begin.*field < range.begin) {
    ThrowBadRange(range, "is out of the text's bounds");
  }
  if (begin.*field != range.begin || end.*field != range.end) {
    ThrowBadRange(range, "splits a code point");
  }
  return {begin.byte, end.byte};
}

Document::Checkpoint Document::Locate(std::size_t Checkpoint::*field, std::size_t value) const {
  const auto after = std::upper_bound(
      checkpoints_.begin(), checkpoints_.end(), value,
      [field](std::size_t wanted, const Checkpoint& point) { return wanted < point.*field; });
  Checkpoint at = *(after - 1);  // the first checkpoint is all zeros, so there is one
  while (at.*field < value && at.byte < text_.size()) {
    const std::size_t length = Utf8Length(text_[at.byte]);
    at = {at.byte + length, at.code_points + 1, at.utf16 + Utf16Units(length)};
  }
  return at;
}

}  // namespace radie
