// Any bytes as a body in chunks, as `radie serve` reads them: what is kept of them is the same
// however they come in, is what the grammar gives when a whole buffer is read by it, and is a body
// of the same data for whoever reads it next.
#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>

#include "fuzz.h"
#include "tools/serve/chunk_framing.h"

namespace radie::fuzz {
namespace {

using tools::serve::ChunkFraming;

enum class End { kNotYet, kWhole, kMalformed, kTooLarge };

struct Reading {
  End end = End::kNotYet;
  std::size_t used = 0;  // bytes in front of the end, or of the one that is refused
  std::string kept;      // framing and data
  std::string data;
};

void ExpectSame(const Reading& a, const Reading& b) {
  ASSERT_EQ(a.end, b.end);
  ASSERT_EQ(a.used, b.used);
  ASSERT_EQ(a.kept, b.kept);
  ASSERT_EQ(a.data, b.data);
}

// RFC 9112, 7.1, by descent over the whole: no state but the place.
class Grammar {
 public:
  Grammar(std::string_view wire, std::size_t max_size) : wire_(wire), max_size_(max_size) {}

  Reading Read() && {
    while (Chunk()) {
    }
    return std::move(made_);
  }

 private:
  static bool IsHex(char byte) { return IsOneOf(byte, "0123456789abcdefABCDEF"); }
  static bool IsName(char byte) {
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z') || IsOneOf(byte, "!#$%&'*+-.^_`|~");
  }
  static bool IsText(char byte) { return byte == '\t' || static_cast<unsigned char>(byte) >= 0x20; }
  static bool IsOneOf(char byte, std::string_view bytes) {
    return bytes.find(byte) != std::string_view::npos;
  }

  bool AtEnd() const { return made_.used == wire_.size(); }
  char Here() const { return wire_[made_.used]; }
  bool Stop(End end) {
    made_.end = end;
    return false;
  }
  void Pass(std::size_t bytes, bool keep) {
    if (keep) made_.kept += wire_.substr(made_.used, bytes);
    made_.used += bytes;
  }
  void PassAll(bool (*is)(char)) {
    while (!AtEnd() && is(Here())) Pass(1, false);
  }

  bool Must(std::string_view bytes, bool keep) {
    for (const char byte : bytes) {
      if (AtEnd()) return Stop(End::kNotYet);
      if (Here() != byte) return Stop(End::kMalformed);
      Pass(1, keep);
    }
    return true;
  }

  bool Size(std::size_t& size) {
    unsigned __int128 value = 0;
    for (bool first = true;; first = false) {
      if (AtEnd()) return Stop(End::kNotYet);
      if (first && !IsHex(Here())) return Stop(End::kMalformed);
      if (!IsHex(Here())) break;
      value = value * 16 + std::stoul(std::string(1, Here()), nullptr, 16);
      if (value > max_size_) return Stop(End::kTooLarge);
      Pass(1, true);
    }
    size = static_cast<std::size_t>(value);
    return true;
  }

  bool Chunk() {
    std::size_t size = 0;
    if (!Size(size)) return false;
    if (Here() == ';') PassAll(IsText);
    if (!Must("\r\n", true)) return false;
    if (size == 0) return Trailers();
    const std::string_view data = wire_.substr(made_.used, size);
    made_.data += data;
    Pass(data.size(), true);
    return data.size() == size ? Must("\r\n", true) : Stop(End::kNotYet);
  }

  bool Trailers() {
    while (!AtEnd() && Here() != '\r') {
      if (!IsName(Here())) return Stop(End::kMalformed);
      PassAll(IsName);
      if (!Must(":", false)) return false;
      PassAll(IsText);
      if (!Must("\r\n", false)) return false;
    }
    return Must("\r\n", true) && Stop(End::kWhole);
  }

  const std::string_view wire_;
  const std::size_t max_size_;
  Reading made_;
};

// In pieces, whose sizes less 1 are bytes of `sizes`, round and round; of none: all at once.
Reading Framed(std::string_view wire, std::size_t max_size, std::string_view sizes) {
  ChunkFraming framing(max_size);
  Reading made;
  for (std::size_t number = 0; made.used < wire.size() && !framing.ended(); ++number) {
    std::string_view piece = wire.substr(made.used);
    if (!sizes.empty())
      piece = piece.substr(0, Input(sizes.substr(number % sizes.size())).Byte() + 1u);
    while (!piece.empty() && !framing.ended()) {
      std::size_t take = 1;
      bool keep = true;
      EXPECT_LE(framing.data_left(), max_size);
      if (framing.data_left() > 0) {
        take = std::min(framing.data_left(), piece.size());
        made.data += piece.substr(0, take);
        framing.SkipData(take);
      } else {
        const ChunkFraming::Verdict verdict = framing.Next(piece.front());
        if (verdict == ChunkFraming::Verdict::kMalformed) made.end = End::kMalformed;
        if (verdict == ChunkFraming::Verdict::kTooLarge) made.end = End::kTooLarge;
        if (made.end != End::kNotYet) return made;
        keep = verdict == ChunkFraming::Verdict::kKeep;
      }
      if (keep) made.kept += piece.substr(0, take);
      made.used += take;
      piece.remove_prefix(take);
    }
  }
  if (framing.ended()) made.end = End::kWhole;
  return made;
}

std::string Hex(std::size_t value, bool upper, std::size_t zeros) {
  std::string digits;
  do {
    digits.insert(digits.begin(), (upper ? "0123456789ABCDEF" : "0123456789abcdef")[value % 16]);
    value /= 16;
  } while (value > 0);
  return std::string(zeros, '0') + digits;
}

// A body of parts that are mostly sound: sizes that are those of the data are not met by chance.
std::string MadeBody(Input& input) {
  constexpr std::string_view kLineEnd = "\r\n";
  std::string wire;
  while (!input.empty() && wire.size() < 4096) {
    const std::uint8_t part = input.Byte();
    switch (part % 6) {
      case 0:
      case 1: {
        const bool extended = part % 6 == 1;
        const std::string_view extension = extended ? input.Take(16) : "";
        const std::string_view data = input.Take(255);
        wire += Hex(data.size(), part / 8 % 2 != 0, part / 16 % 4);
        if (extended) (wire += ';') += extension;
        ((wire += kLineEnd) += data) += kLineEnd;
        break;
      }
      case 2:
        (wire += '0') += kLineEnd;
        break;
      case 3:
        (wire += input.Take(8)) += ':';
        (wire += input.Take(16)) += kLineEnd;
        break;
      case 4:
        wire += kLineEnd;
        break;
      default:
        wire += input.Take(16);
    }
  }
  return wire;
}

constexpr std::array<std::size_t, 5> kCaps = {0, 5, 0x40, 0x1000,
                                              std::numeric_limits<std::size_t>::max()};

}  // namespace

RADIE_FUZZ_TARGET(chunk_framing) {
  Input input(bytes);
  const bool made = input.Flag();
  const std::size_t max_size = kCaps[input.UpTo(kCaps.size() - 1)];
  const std::size_t cut = input.UpTo(0x3FF);
  const std::string_view sizes = input.Take(16);
  const std::string wire = made ? MadeBody(input) : std::string(input.Rest());

  const Reading whole = Framed(wire, max_size, "");
  ExpectSame(whole, Framed(wire, max_size, sizes));
  ExpectSame(whole, Grammar(wire, max_size).Read());
  // A body is not whole before its last byte, and what follows it changes nothing.
  if (cut < whole.used) {
    ASSERT_EQ(Framed(std::string_view(wire).substr(0, cut), max_size, sizes).end, End::kNotYet);
  }
  if (whole.end != End::kWhole) return;
  const Reading again = Framed(whole.kept, max_size, sizes);
  ASSERT_EQ(again.end, End::kWhole);
  ASSERT_EQ(again.used, whole.kept.size());
  ASSERT_EQ(again.kept, whole.kept);
  ASSERT_EQ(again.data, whole.data);
}

}  // namespace radie::fuzz
