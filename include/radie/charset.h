// From bytes in one of the encodings that reports come in to UTF-8, and from offsets in it back to
// the bytes. docs/text.md says what each encoding decodes to.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "radie/error.h"
#include "radie/export.h"
#include "radie/report.h"

namespace radie {

namespace internal {
struct SourceMap;
class TextDecoder;
}  // namespace internal

enum class Encoding {
  kUtf8,
  kCp932,      // Windows-31J: Shift_JIS with NEC's, IBM's and user-defined characters
  kEucJp,      // with JIS X 0212, and the extensions of CP51932
  kIso2022Jp,  // JIS: ASCII, JIS X 0201, 0208, 0212 by escape sequences, as HL7 v2 uses them
  kUtf16,      // with a byte order mark
};

// "utf-8", "cp932", "euc-jp", "iso-2022-jp", "utf-16".
RADIE_API const char* EncodingName(Encoding encoding) noexcept;

// The names above and their aliases (docs/text.md), whatever their case, with or without `-` and
// `_`. Nothing for an unknown name.
RADIE_API std::optional<Encoding> EncodingFromName(std::string_view name) noexcept;

struct DecodeOptions {
  // What becomes of bytes that are no character of the encoding.
  enum class Invalid {
    kError,    // Error(kInvalidText) with the offset of the first one
    kReplace,  // U+FFFD for each broken sequence, its place in DecodedText::replaced()
  };
  Invalid invalid = Invalid::kError;

  // A text of more bytes of UTF-8, or of more than kMaxExpansion times as many in its own encoding,
  // is Error(kLimitExceeded).
  std::size_t max_bytes = std::size_t{1} << 20;

  static constexpr std::size_t kMaxExpansion = 4;
};

// A text in UTF-8 that knows which bytes it came from. Immutable; owns all its memory; copies share
// the map. Any number of threads may use one.
class RADIE_API DecodedText {
 public:
  // Every character of the source, a byte order mark included.
  const std::string& utf8() const noexcept { return utf8_; }

  Encoding encoding() const noexcept { return encoding_; }

  // The broken sequences that became U+FFFD: bytes of the source, in order.
  const std::vector<Range>& replaced() const noexcept { return replaced_; }

  // What a reader of the report should know: "encoding_detected" when nobody named the encoding,
  // "bytes_replaced" with the places. Belongs in front of StructuredReport::warnings.
  std::vector<Warning> Warnings() const;

  // The bytes of the source from the beginning of the first character of the range to the end of
  // the last one; escape sequences between them are inside, those around them are not. An empty
  // range gives the empty one where the next character begins, or the last one ends. Throws
  // Error(kInvalidArgument) when the range of utf8() is reversed, outside, or splits a character.
  // O(log n).
  Range ToSource(Range utf8) const;

 private:
  friend class internal::TextDecoder;
  friend RADIE_API DecodedText DecodeDetectedText(std::string_view bytes,
                                                  const DecodeOptions& options);
  DecodedText() = default;

  std::string utf8_;
  Encoding encoding_ = Encoding::kUtf8;
  bool detected_ = false;
  std::vector<Range> replaced_;
  std::shared_ptr<const internal::SourceMap> map_;  // never null
};

// Needs nothing but the bytes: any stretch of a message that begins as the encoding does (for
// ISO-2022-JP in ASCII) can be decoded by itself. Time is linear. Throws as DecodeOptions says;
// for kUtf16 Error(kInvalidText) as well when there is no byte order mark. Messages hold no text.
RADIE_API DecodedText DecodeText(std::string_view bytes, Encoding encoding,
                                 const DecodeOptions& options = {});

// The likeliest of the encodings above, by ICU's statistics, in which the bytes have no broken
// sequence. A guess: of a line or two it may take euc-jp for cp932. Nothing when no
// encoding fits.
RADIE_API std::optional<Encoding> DetectEncoding(std::string_view bytes);

// DetectEncoding, then DecodeText; Warnings() of the result names the encoding. Where nothing fits
// and broken sequences are to be replaced, the likeliest encoding is taken all the same; otherwise,
// and where none is likely, Error(kInvalidText) is thrown.
RADIE_API DecodedText DecodeDetectedText(std::string_view bytes, const DecodeOptions& options = {});

}  // namespace radie
