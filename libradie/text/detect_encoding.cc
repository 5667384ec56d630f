// A guess at the encoding.
#include <unicode/ucsdet.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "radie/charset.h"

namespace radie {
namespace {

struct CloseDetector {
  void operator()(UCharsetDetector* detector) const { ucsdet_close(detector); }
};

void Check(UErrorCode status) {
  if (U_FAILURE(status)) {
    throw Error(ErrorCode::kInternal, std::string("ICU failed: ") + u_errorName(status));
  }
}

std::optional<Encoding> EncodingOf(const UCharsetMatch* match) {
  UErrorCode status = U_ZERO_ERROR;
  const std::string_view name = ucsdet_getName(match, &status);
  Check(status);
  if (name == "UTF-16BE" || name == "UTF-16LE") return Encoding::kUtf16;
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
    if (const std::optional<Encoding> encoding = EncodingOf(matches[i]))
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
  if (!text && !candidates.empty() && options.invalid == DecodeOptions::Invalid::kReplace)
    text = DecodeText(bytes, candidates.front(), options);
  if (!text) throw Error(ErrorCode::kInvalidText, "the text fits none of the known encodings");
  text->detected_ = true;
  return *std::move(text);
}

}  // namespace radie
