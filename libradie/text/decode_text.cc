// Bytes in an encoding to UTF-8 and the map back.
#include <string>
#include <utility>

#include "libradie/base/utf8.h"
#include "libradie/text/character_readers.h"
#include "libradie/text/offset_map.h"
#include "radie/charset.h"

namespace radie {

namespace internal {
struct SourceMap {
  OffsetMap pieces;  // one a character
};
}  // namespace internal

namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr std::size_t kListedPlaces = 100;  // in a warning

std::string PlaceText(const Range& bytes) {
  const std::string first = std::to_string(bytes.begin);
  return bytes.end - bytes.begin == 1 ? first : first + "-" + std::to_string(bytes.end - 1);
}

Warning ReplacedWarning(const std::vector<Range>& replaced) {
  std::string places;
  for (std::size_t i = 0; i < replaced.size() && i < kListedPlaces; ++i)
    places += (i == 0 ? "" : ", ") + PlaceText(replaced[i]);
  if (replaced.size() > kListedPlaces)
    places += " and " + std::to_string(replaced.size() - kListedPlaces) + " more";
  return {"bytes_replaced",
          "sequences of bytes that are no character of the encoding became U+FFFD: " +
              std::to_string(replaced.size()) + ", at bytes " + places};
}

// The UTF-16 byte order that the mark at the start tells.
bool IsBigEndian(std::string_view bytes) {
  const std::string_view mark = bytes.substr(0, 2);
  if (mark == "\xFE\xFF") return true;
  if (mark != "\xFF\xFE" && !bytes.empty())
    throw Error(ErrorCode::kInvalidText, "the text does not begin with UTF-16's byte order mark",
                0);
  return false;
}

}  // namespace

namespace internal {

class TextDecoder {
 public:
  TextDecoder(std::string_view bytes, const DecodeOptions& options)
      : bytes_(bytes), options_(options), map_(std::make_shared<SourceMap>()) {
    if (bytes.size() > 0 && (bytes.size() - 1) / DecodeOptions::kMaxExpansion >= options.max_bytes)
      ThrowTooLong();
  }

  DecodedText Decode(Encoding encoding) && {
    text_.encoding_ = encoding;
    switch (encoding) {
      case Encoding::kUtf8:
        ReadAll(ReadUtf8);
        break;
      case Encoding::kCp932:
        ReadAll(ReadCp932);
        break;
      case Encoding::kEucJp:
        ReadAll(ReadEucJp);
        break;
      case Encoding::kIso2022Jp:
        ReadAll([reader = Iso2022JpReader()](std::string_view rest) mutable {
          return reader.Read(rest);
        });
        break;
      case Encoding::kUtf16:
        ReadAll([big_endian = IsBigEndian(bytes_)](std::string_view rest) {
          return ReadUtf16(rest, big_endian);
        });
        break;
    }
    text_.map_ = std::move(map_);
    return std::move(text_);
  }

 private:
  template <typename Reader>
  void ReadAll(Reader read) {
    for (std::size_t at = 0; at < bytes_.size();) {
      const CharacterRead next = read(bytes_.substr(at));
      const SourceRange source{at, at + next.bytes};
      at = source.end;
      if (next.kind == CharacterRead::Kind::kEscape) continue;
      if (next.kind == CharacterRead::Kind::kBroken) {
        if (options_.invalid == DecodeOptions::Invalid::kError) ThrowBroken(source.begin);
        text_.replaced_.push_back({source.begin, source.end});
        Append(source, kReplacement);
      } else {
        Append(source, next.character);
      }
    }
  }

  void Append(SourceRange source, char32_t character) {
    const std::size_t begin = text_.utf8_.size();
    AppendUtf8(character, &text_.utf8_);
    const TextRange text{begin, text_.utf8_.size()};
    if (text.end > options_.max_bytes) ThrowTooLong();
    if (source.size() == text.size()) {
      map_->pieces.AppendCopied(source, text);  // runs of them take no room
    } else {
      map_->pieces.Append(source, text);
    }
  }

  [[noreturn]] void ThrowBroken(std::size_t offset) const {
    const bool utf8 = text_.encoding_ == Encoding::kUtf8;
    throw Error(
        ErrorCode::kInvalidText,
        std::string("the text is not valid ") + (utf8 ? "UTF-8" : EncodingName(text_.encoding_)),
        offset);
  }

  [[noreturn]] void ThrowTooLong() const {
    throw Error(ErrorCode::kLimitExceeded,
                "the text is longer than max_bytes = " + std::to_string(options_.max_bytes) +
                    " of UTF-8, or than " + std::to_string(DecodeOptions::kMaxExpansion) +
                    " times as many in its encoding");
  }

  const std::string_view bytes_;
  const DecodeOptions& options_;
  DecodedText text_;
  std::shared_ptr<SourceMap> map_;
};

}  // namespace internal

std::vector<Warning> DecodedText::Warnings() const {
  std::vector<Warning> warnings;
  if (detected_) {
    warnings.push_back(
        {"encoding_detected",
         std::string("the encoding was guessed from the bytes: ") + EncodingName(encoding_)});
  }
  if (!replaced_.empty()) warnings.push_back(ReplacedWarning(replaced_));
  return warnings;
}

Range DecodedText::ToSource(Range utf8) const {
  if (utf8.begin > utf8.end || utf8.end > utf8_.size() || !IsUtf8Boundary(utf8_, utf8.begin) ||
      !IsUtf8Boundary(utf8_, utf8.end)) {
    throw Error(ErrorCode::kInvalidArgument, "range [" + std::to_string(utf8.begin) + ", " +
                                                 std::to_string(utf8.end) +
                                                 ") does not stand on characters of the text");
  }
  if (utf8_.empty()) return {0, 0};
  const auto source_of = [&](std::size_t begin, std::size_t end) {
    const SourceRange source = map_->pieces.ToSource({begin, end});
    return Range{source.begin, source.end};
  };
  if (utf8.begin < utf8.end) return source_of(utf8.begin, utf8.end);
  // A byte of the character at hand is enough: a piece maps as a whole, and a copied one byte by
  // byte.
  const std::size_t place = utf8.begin < utf8_.size() ? source_of(utf8.begin, utf8.begin + 1).begin
                                                      : source_of(utf8.begin - 1, utf8.begin).end;
  return {place, place};
}

DecodedText DecodeText(std::string_view bytes, Encoding encoding, const DecodeOptions& options) {
  return internal::TextDecoder(bytes, options).Decode(encoding);
}

}  // namespace radie
