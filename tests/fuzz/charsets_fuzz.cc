// Every decoder over any bytes: both policies agree, and the way back is exact.
#include <optional>
#include <string>

#include "fuzz.h"
#include "libradie/base/utf8.h"
#include "libradie/text/document.h"
#include "radie/charset.h"

namespace radie::fuzz {
namespace {

constexpr Encoding kEncodings[] = {Encoding::kUtf8, Encoding::kCp932, Encoding::kEucJp,
                                   Encoding::kIso2022Jp, Encoding::kUtf16};

std::optional<DecodedText> Decode(std::string_view bytes, Encoding encoding,
                                  DecodeOptions::Invalid invalid, std::size_t* broken_at) {
  try {
    return DecodeText(bytes, encoding, {invalid});
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidText) << error.what();
    *broken_at = error.offset().value_or(bytes.size());
    return std::nullopt;
  }
}

// Character by character: source ranges are in order, and those of longer stretches join them.
void CheckWayBack(const DecodedText& decoded, std::string_view source) {
  const std::string& text = decoded.utf8();
  ASSERT_NO_THROW(Document::Decode(text));
  const bool by_itself = decoded.encoding() == Encoding::kUtf8 ||
                         decoded.encoding() == Encoding::kCp932 ||
                         decoded.encoding() == Encoding::kEucJp;
  Range all{0, 0};
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = at + Utf8Length(text[at]);
    const Range range = decoded.ToSource({at, end});
    ASSERT_TRUE(range.begin < range.end && range.end <= source.size());
    ASSERT_GE(range.begin, all.end);
    if (at == 0) all.begin = range.begin;
    all.end = range.end;
    ASSERT_EQ(decoded.ToSource({0, end}), all);
    ASSERT_EQ(decoded.ToSource({at, at}).begin, decoded.ToSource({at, at}).end);
    if (by_itself) {
      const std::string_view stretch = source.substr(range.begin, range.end - range.begin);
      const DecodedText alone =
          DecodeText(stretch, decoded.encoding(), {DecodeOptions::Invalid::kReplace});
      ASSERT_EQ(alone.utf8(), text.substr(at, end - at));
    }
    if (end - at > 1) {
      ASSERT_THROW(decoded.ToSource({at, at + 1}), Error);
    }
    at = end;
  }
  ASSERT_THROW(decoded.ToSource({0, text.size() + 1}), Error);
}

void CheckPolicies(std::string_view source, Encoding encoding) {
  std::size_t replace_at = 0, broken_at = 0;
  const auto replaced = Decode(source, encoding, DecodeOptions::Invalid::kReplace, &replace_at);
  const auto strict = Decode(source, encoding, DecodeOptions::Invalid::kError, &broken_at);
  if (!replaced) {  // only where the byte order mark is missing
    ASSERT_EQ(encoding, Encoding::kUtf16);
    ASSERT_FALSE(strict);
    return;
  }
  std::size_t last = 0;
  for (const Range& range : replaced->replaced()) {
    ASSERT_TRUE(range.begin >= last && range.begin < range.end && range.end <= source.size());
    last = range.end;
  }
  ASSERT_EQ(strict.has_value(), replaced->replaced().empty());
  if (strict) {
    ASSERT_EQ(strict->utf8(), replaced->utf8());
  } else {
    ASSERT_EQ(broken_at, replaced->replaced().front().begin);
  }
  CheckWayBack(*replaced, source);
}

void CheckDetection(std::string_view source) {
  const std::optional<Encoding> found = DetectEncoding(source);
  std::size_t broken_at = 0;
  if (found) {
    ASSERT_TRUE(Decode(source, *found, DecodeOptions::Invalid::kError, &broken_at));
  }
  for (const auto invalid : {DecodeOptions::Invalid::kError, DecodeOptions::Invalid::kReplace}) {
    try {
      const DecodedText decoded = DecodeDetectedText(source, {invalid});
      if (found) {
        ASSERT_EQ(decoded.encoding(), *found);
      }
      ASSERT_NO_THROW(Document::Decode(decoded.utf8()));
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), ErrorCode::kInvalidText);
      ASSERT_FALSE(found);
    }
  }
}

}  // namespace

RADIE_FUZZ_TARGET(charsets) {
  Input input(bytes);
  const std::uint8_t setting = input.Byte();
  if (setting >= 250) {
    CheckDetection(input.Rest());
  } else {
    CheckPolicies(input.Rest().substr(0, 1024), kEncodings[setting % std::size(kEncodings)]);
  }
}

}  // namespace radie::fuzz
