#include "libradie/tokenize/sentencepiece_check.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <unordered_set>

#include "libradie/text/document.h"
#include "radie/error.h"

namespace radie {
namespace {

constexpr std::size_t kMaxPieceBytes = 1'024;
constexpr std::size_t kMaxReplacementBytes = 512;  // of one stretch of text by the table

[[noreturn]] void ThrowInvalid(const std::string& problem) {
  throw Error(ErrorCode::kInvalidModel, "sentencepiece model: " + problem);
}

[[noreturn]] void ThrowUnsupported(const std::string& problem) {
  throw Error(ErrorCode::kUnsupportedModel, "sentencepiece model: " + problem);
}

// One field of a protocol buffer's message. Groups, which nobody writes any more, are refused.
struct Field {
  std::uint64_t number = 0;
  enum Wire { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 } wire = kVarint;
  std::uint64_t integer = 0;  // of kVarint, kFixed32
  std::string_view bytes;     // of kBytes
};

class Message {
 public:
  explicit Message(std::string_view bytes) : rest_(bytes) {}

  // False at the end.
  bool Next(Field* field) {
    if (rest_.empty()) return false;
    const std::uint64_t tag = Varint();
    field->number = tag >> 3;
    field->wire = static_cast<Field::Wire>(tag & 7);
    switch (field->wire) {
      case Field::kVarint:
        field->integer = Varint();
        return true;
      case Field::kFixed64:
        Take(8);
        return true;
      case Field::kBytes:
        field->bytes = Take(Varint());
        return true;
      case Field::kFixed32: {
        std::uint32_t value;
        std::memcpy(&value, Take(4).data(), sizeof value);
        field->integer = value;
        return true;
      }
    }
    ThrowInvalid("a field of no known kind: not a sentencepiece model, or a damaged one");
  }

 private:
  std::uint64_t Varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(Take(1)[0]);
      value |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return value;
    }
    ThrowInvalid("a number of more than 64 bits: not a sentencepiece model, or a damaged one");
  }

  std::string_view Take(std::uint64_t size) {
    if (size > rest_.size()) ThrowInvalid("a field is cut off");
    const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view rest_;
};

void Expect(const Field& field, Field::Wire wire) {
  if (field.wire != wire) {
    ThrowInvalid("field " + std::to_string(field.number) + " is of another kind than it should be");
  }
}

class Pieces {
 public:
  void Add(std::string_view message) {
    const std::string name = "piece " + std::to_string(count_);
    if (count_ == kMaxPieces) {
      ThrowUnsupported("more than " + std::to_string(kMaxPieces) + " pieces");
    }
    std::string_view piece;
    std::uint64_t type = 1;
    Message fields(message);
    for (Field field; fields.Next(&field);) {
      if (field.number == 1) {
        Expect(field, Field::kBytes);
        piece = field.bytes;
      } else if (field.number == 2) {
        Expect(field, Field::kFixed32);
        float score;
        const auto bits = static_cast<std::uint32_t>(field.integer);
        std::memcpy(&score, &bits, sizeof score);
        if (!std::isfinite(score)) ThrowInvalid(name + ": its score is not finite");
      } else if (field.number == 3) {
        Expect(field, Field::kVarint);
        type = field.integer;
      }
    }
    CheckText(piece, name);
    if (type < 1 || type > 6) ThrowInvalid(name + ": its type is none of 1 to 6");
    if (type == 2) ++unknown_;
    if (!seen_.insert(piece).second) ThrowInvalid(name + ": there already");
    ++count_;
  }

  void Finish() const {
    if (count_ == 0) ThrowInvalid("it has no piece: not a sentencepiece model");
    if (unknown_ != 1) {
      ThrowInvalid("it has " + std::to_string(unknown_) + " unknown pieces, one is needed");
    }
  }

 private:
  static void CheckText(std::string_view piece, const std::string& name) {
    if (piece.empty()) ThrowInvalid(name + ": it is empty");
    if (piece.size() > kMaxPieceBytes) {
      ThrowUnsupported(name + ": " + std::to_string(piece.size()) + " bytes, at most " +
                       std::to_string(kMaxPieceBytes));
    }
    if (piece.find('\0') != piece.npos) ThrowInvalid(name + ": it holds a NUL");
    try {
      Document::Decode(piece);
    } catch (const Error&) {
      ThrowInvalid(name + ": it is not UTF-8");
    }
  }

  std::size_t count_ = 0, unknown_ = 0;
  std::unordered_set<std::string_view> seen_;
};

// The table that maps stretches of text: size of the trie in bytes, a double-array trie, strings
// that end with a NUL. A unit of the trie is a leaf's value (highest bit set) or a node: its
// children stand at (its place ^ its offset) ^ byte, its value, if bit 8 is set, at place ^ offset.
void CheckCharsMap(std::string_view blob) {
  if (blob.empty()) return;
  std::uint32_t trie_bytes = 0;
  if (blob.size() <= sizeof trie_bytes) ThrowInvalid("the normalisation table is cut off");
  std::memcpy(&trie_bytes, blob.data(), sizeof trie_bytes);
  blob.remove_prefix(sizeof trie_bytes);
  if (trie_bytes == 0 || trie_bytes % 4 != 0 || trie_bytes >= blob.size()) {
    ThrowInvalid("the normalisation table's trie is said to have " + std::to_string(trie_bytes) +
                 " bytes of " + std::to_string(blob.size()));
  }
  const std::string_view strings = blob.substr(trie_bytes);
  if (strings.back() != '\0') ThrowInvalid("the normalisation table's last string has no end");

  const std::size_t count = trie_bytes / 4;
  const auto unit = [&](std::size_t at) {
    std::uint32_t value;
    std::memcpy(&value, blob.data() + 4 * at, sizeof value);
    return value;
  };
  for (std::size_t at = 0; at < count; ++at) {
    const std::uint32_t node = unit(at);
    if (at > 0 && node >> 31 != 0) continue;
    const std::size_t children = at ^ std::size_t{(node >> 10) << ((node & 0x200) >> 6)};
    if ((children | 0xFF) >= count) ThrowInvalid("the normalisation table leads out of itself");
    if ((node & 0x100) == 0) continue;
    const std::size_t string = unit(children) & 0x7FFFFFFF;
    if (string >= strings.size()) ThrowInvalid("the normalisation table leads out of its strings");
    if (strings.substr(string, kMaxReplacementBytes + 1).find('\0') == strings.npos) {
      ThrowUnsupported("the normalisation table replaces by more than " +
                       std::to_string(kMaxReplacementBytes) + " bytes");
    }
  }
}

void CheckNormalizer(std::string_view message) {
  Message fields(message);
  for (Field field; fields.Next(&field);) {
    if (field.number != 2) continue;
    Expect(field, Field::kBytes);
    CheckCharsMap(field.bytes);
  }
}

void CheckTrainer(std::string_view message) {
  Message fields(message);
  std::uint64_t type = 1;
  for (Field field; fields.Next(&field);) {
    if (field.number != 3) continue;
    Expect(field, Field::kVarint);
    type = field.integer;
  }
  if (type != 1) {
    ThrowUnsupported("its algorithm is number " + std::to_string(type) +
                     ", only Unigram (1) is supported");
  }
}

}  // namespace

void CheckSentencePieceModel(std::string_view bytes) {
  if (bytes.size() > kMaxSentencePieceBytes) {
    ThrowUnsupported(std::to_string(bytes.size()) + " bytes, at most " +
                     std::to_string(kMaxSentencePieceBytes));
  }
  Pieces pieces;
  Message fields(bytes);
  for (Field field; fields.Next(&field);) {
    if (field.number < 1 || field.number > 5) continue;
    Expect(field, Field::kBytes);
    if (field.number == 1) pieces.Add(field.bytes);
    if (field.number == 2) CheckTrainer(field.bytes);
    if (field.number == 3 || field.number == 5) CheckNormalizer(field.bytes);
  }
  pieces.Finish();
}

}  // namespace radie
