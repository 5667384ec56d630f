// A guess at the encoding.
#include <unicode/ucsdet.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
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

bool Fits(std::string_view bytes, Encoding encoding, std::size_t max_bytes) {
  try {
    DecodeText(bytes, encoding, {DecodeOptions::Invalid::kError, max_bytes});
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidText) throw;
    return false;
  }
  return true;
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
  Check(status);
  std::vector<Encoding> candidates;
  for (int32_t i = 0; i < count; ++i) {
    if (const std::optional<Encoding> encoding = EncodingOf(matches[i]))
      candidates.push_back(*encoding);
  }
  return candidates;
}

std::optional<Encoding> FirstThatFits(std::string_view bytes,
                                      const std::vector<Encoding>& candidates,
                                      std::size_t max_bytes) {
  const auto found = std::find_if(candidates.begin(), candidates.end(), [&](Encoding encoding) {
    return Fits(bytes, encoding, max_bytes);
  });
  if (found == candidates.end()) return std::nullopt;
  return *found;
}

}  // namespace

std::optional<Encoding> DetectEncoding(std::string_view bytes) {
  return FirstThatFits(bytes, Candidates(bytes), std::numeric_limits<std::size_t>::max());
}

DecodedText DecodeDetectedText(std::string_view bytes, const DecodeOptions& options) {
  const std::vector<Encoding> candidates = Candidates(bytes);
  std::optional<Encoding> encoding = FirstThatFits(bytes, candidates, options.max_bytes);
  if (!encoding && !candidates.empty() && options.invalid == DecodeOptions::Invalid::kReplace)
    encoding = candidates.front();
  if (!encoding) throw Error(ErrorCode::kInvalidText, "the text fits none of the known encodings");
  DecodedText text = DecodeText(bytes, *encoding, options);
  text.detected_ = true;
  return text;
}

}  // namespace radie
