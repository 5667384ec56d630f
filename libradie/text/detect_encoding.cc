// A guess at the encoding.
#include <unicode/ucsdet.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libradie/text/icu_status.h"
#include "radie/charset.h"

namespace radie {
namespace {

struct CloseDetector {
  void operator()(UCharsetDetector* detector) const { ucsdet_close(detector); }
};

void Check(UErrorCode status) {
  RequireMemory(status);
  if (U_FAILURE(status)) {
    throw Error(ErrorCode::kInternal, std::string("ICU failed: ") + u_errorName(status));
  }
}

// Nothing where radie has no such encoding, UTF-16 without a byte order mark included, which ICU
// finds in short texts of any encoding.
std::optional<Encoding> EncodingOf(const UCharsetMatch* match, std::string_view bytes) {
  UErrorCode status = U_ZERO_ERROR;
  const std::string_view name = ucsdet_getName(match, &status);
  Check(status);
  if (name == "UTF-16BE" || name == "UTF-16LE") {
    const bool marked = bytes.starts_with("\xFE\xFF") || bytes.starts_with("\xFF\xFE");
    return marked ? std::optional<Encoding>(Encoding::kUtf16) : std::nullopt;
  }
  return EncodingFromName(name);
}

// Nothing when the bytes have a broken sequence.
std::optional<DecodedText> TryDecode(std::string_view bytes, Encoding encoding,
                                     std::size_t max_bytes) {
  try {
    return DecodeText(bytes, encoding, {DecodeOptions::Invalid::kError, max_bytes});
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidText) throw;
    return std::nullopt;
  }
}

// The likeliest first.
std::vector<Encoding> Candidates(std::string_view bytes) {
  if (bytes.empty()) return {Encoding::kUtf8};
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UCharsetDetector, CloseDetector> detector(ucsdet_open(&status));
  Check(status);
  const auto size = std::min<std::size_t>(bytes.size(), std::numeric_limits<int32_t>::max());
  ucsdet_setText(detector.get(), bytes.data(), static_cast<int32_t>(size), &status);
  int32_t count = 0;
  const UCharsetMatch** matches = ucsdet_detectAll(detector.get(), &count, &status);  // not ours
  if (status == U_INVALID_CHAR_FOUND) return {};  // so it says that nothing is likely
  Check(status);
  std::vector<Encoding> candidates;
  for (int32_t i = 0; i < count; ++i) {
    if (const std::optional<Encoding> encoding = EncodingOf(matches[i], bytes))
      candidates.push_back(*encoding);
  }
  return candidates;
}

// In the first of the encodings that fits.
std::optional<DecodedText> FirstThatFits(std::string_view bytes,
                                         const std::vector<Encoding>& candidates,
                                         std::size_t max_bytes) {
  for (const Encoding encoding : candidates) {
    if (std::optional<DecodedText> text = TryDecode(bytes, encoding, max_bytes)) return text;
  }
  return std::nullopt;
}

// Whether there are at least five whole characters for each broken sequence.
bool IsMostlyWhole(const DecodedText& text) {
  const auto characters = static_cast<std::size_t>(std::count_if(
      text.utf8().begin(), text.utf8().end(), [](char c) { return (c & 0xC0) != 0x80; }));
  const std::size_t broken = text.replaced().size();
  return characters - broken >= 5 * broken;
}

// Nothing when it would be longer than max_bytes.
std::optional<DecodedText> DecodeReplacing(std::string_view bytes, Encoding encoding,
                                           const DecodeOptions& options) {
  try {
    return DecodeText(bytes, encoding, options);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kLimitExceeded) throw;
    return std::nullopt;
  }
}

// In the encoding in which the fewest sequences are broken: one of the candidates, or UTF-8, which
// ICU leaves out where a short text has a broken byte. In a wrong one a text may be too long.
std::optional<DecodedText> LeastBroken(std::string_view bytes,
                                       const std::vector<Encoding>& candidates,
                                       const DecodeOptions& options) {
  std::optional<DecodedText> best = DecodeReplacing(bytes, Encoding::kUtf8, options);
  if (best && !IsMostlyWhole(*best)) best.reset();
  for (const Encoding encoding : candidates) {
    std::optional<DecodedText> text = DecodeReplacing(bytes, encoding, options);
    if (text && (!best || text->replaced().size() < best->replaced().size()))
      best = std::move(text);
  }
  if (!best && !candidates.empty())
    return DecodeText(bytes, candidates.front(), options);  // throws
  return best;
}

}  // namespace

std::optional<Encoding> DetectEncoding(std::string_view bytes) {
  const std::optional<DecodedText> text =
      FirstThatFits(bytes, Candidates(bytes), std::numeric_limits<std::size_t>::max());
  if (!text) return std::nullopt;
  return text->encoding();
}

DecodedText DecodeDetectedText(std::string_view bytes, const DecodeOptions& options) {
  const std::vector<Encoding> candidates = Candidates(bytes);
  std::optional<DecodedText> text = FirstThatFits(bytes, candidates, options.max_bytes);
  if (!text && options.invalid == DecodeOptions::Invalid::kReplace)
    text = LeastBroken(bytes, candidates, options);
  if (!text) throw Error(ErrorCode::kInvalidText, "the text fits none of the known encodings");
  text->detected_ = true;
  return *std::move(text);
}

}  // namespace radie
