#include "libradie/tokenize/sentencepiece_tokenizer.h"

#include "radie/error.h"

#if defined(RADIE_WITH_SENTENCEPIECE)
#include <sentencepiece_processor.h>

#include <algorithm>
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "libradie/base/utf8.h"
#include "libradie/tokenize/characters.h"
#include "libradie/tokenize/run_limit.h"
#include "libradie/tokenize/sentencepiece_check.h"
#endif

namespace radie {

#if defined(RADIE_WITH_SENTENCEPIECE)
namespace {

[[noreturn]] void ThrowUnread() {
  throw Error(ErrorCode::kInvalidModel, "sentencepiece model: the library cannot read it");
}

std::unique_ptr<const sentencepiece::SentencePieceProcessor> Load(std::string_view model) {
  CheckSentencePieceModel(model);
  auto processor = std::make_unique<sentencepiece::SentencePieceProcessor>();
  try {
    if (!processor->LoadFromSerializedProto(model).ok()) ThrowUnread();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    ThrowUnread();
  }
  return processor;
}

// What the processor reads, and where each of its bytes came from.
struct Input {
  std::string text;
  std::vector<TextRange> sources;  // of each byte of the text; empty: sentence.begin + position
  TextRange sentence;

  TextRange Source(std::size_t begin, std::size_t end) const {
    if (sources.empty()) return {sentence.begin + begin, sentence.begin + end};
    return {sources[begin].begin, sources[end - 1].end};
  }
};

Input Lowered(std::string_view text, TextRange sentence) {
  Input input{{}, {}, sentence};
  for (const Character& c : LoweredCharacters(ReadCharacters(text, sentence))) {
    AppendUtf8(c.code_point, &input.text);
    input.sources.resize(input.text.size(), c.range);
  }
  return input;
}

// The only character of a piece; nothing when it has more.
std::optional<char32_t> OnlyCharacter(std::string_view piece) {
  std::size_t next = 0;
  const char32_t c = NextCodePoint(piece, &next);
  return next == piece.size() ? std::optional<char32_t>(c) : std::nullopt;
}

class SentencePieceTokenizer final : public Tokenizer {
 public:
  SentencePieceTokenizer(const TokenizerConfig& config, std::shared_ptr<const Vocab> vocab)
      : Tokenizer(std::move(vocab), config),
        processor_(Load(config.sentencepiece_model)),
        lower_(config.do_lower_case) {
    ids_.reserve(static_cast<std::size_t>(processor_->GetPieceSize()));
    for (int piece = 0; piece < processor_->GetPieceSize(); ++piece) {
      const bool unknown = processor_->IsUnknown(piece);
      const std::string& text = processor_->IdToPiece(piece);
      ids_.push_back(unknown ? unk() : this->vocab().Find(text).value_or(unk()));
      if (const auto c = OnlyCharacter(text); c && !unknown) known_.insert(*c);
    }
  }

  std::vector<Token> Tokenize(std::string_view text, TextRange sentence) const override {
    std::vector<Token> tokens;
    if (sentence.begin == sentence.end) return tokens;
    const Input input =
        lower_ ? Lowered(text, sentence)
               : Input{std::string(text.substr(sentence.begin, sentence.size())), {}, sentence};
    CheckRuns(input.text);
    sentencepiece::ImmutableSentencePieceText result;
    if (!processor_->Encode(input.text, result.mutable_proto()).ok()) {
      throw Error(ErrorCode::kInternal, "sentencepiece cannot encode a sentence");
    }
    TextRange last{sentence.begin, sentence.begin};
    for (const auto& piece : result.pieces()) {
      TextRange range = RangeOf(input, piece.piece(), piece.begin(), piece.end());
      range.begin = std::max(range.begin, last.begin);
      range.end = std::max(range.end, last.end);
      tokens.push_back({ids_[piece.id()], range});
      last = range;
    }
    return tokens;
  }

 private:
  // A piece that begins with white space, or with characters that the normalisation left out,
  // stands for what follows them. A piece without text (the space put before a sentence; the first
  // part of what one character became) has the character it stands before, or else the one it
  // stands behind.
  static TextRange RangeOf(const Input& input, const std::string& piece, std::size_t begin,
                           std::size_t end) {
    const std::string_view text = input.text;
    while (begin < end) {
      std::size_t next = begin;
      const char32_t c = NextCodePoint(text, &next);
      const bool space = IsPythonSpace(c);
      const bool left_out =
          !space && IsOther(c) && piece.find(text.substr(begin, next - begin)) == piece.npos;
      if (!left_out && (!space || next == end)) break;
      begin = next;
    }
    if (begin == end && end < text.size()) end += Utf8Length(text[end]);
    if (begin == end) {
      do --begin;
      while (!IsUtf8Boundary(text, begin));
    }
    return input.Source(begin, end);
  }

  // The library joins neighbours that the vocabulary lacks one by one and copies what it has each
  // time, which takes time in the square of their number.
  void CheckRuns(std::string_view text) const {
    if (text.size() <= RunLimit::kFreeRun) return;
    RunLimit limit;
    std::size_t run = 0;
    const auto end_run = [&] {
      limit.Add(run, run, "characters that the vocabulary lacks, for SentencePiece,");
      run = 0;
    };
    for (std::size_t at = 0; at < text.size();) {
      const char32_t c = NextCodePoint(text, &at);
      if (IsPythonSpace(c) || known_.contains(c)) {
        end_run();
      } else {
        ++run;
      }
    }
    end_run();
  }

  const std::unique_ptr<const sentencepiece::SentencePieceProcessor> processor_;
  const bool lower_;
  std::vector<std::int32_t> ids_;       // of each piece, in the vocabulary
  std::unordered_set<char32_t> known_;  // characters that are a piece by themselves
};

}  // namespace

std::unique_ptr<const Tokenizer> MakeSentencePieceTokenizer(const TokenizerConfig& config,
                                                            std::shared_ptr<const Vocab> vocab) {
  return std::make_unique<SentencePieceTokenizer>(config, std::move(vocab));
}

std::vector<std::string> SentencePieces(std::string_view model) {
  const auto processor = Load(model);
  std::vector<std::string> pieces;
  pieces.reserve(static_cast<std::size_t>(processor->GetPieceSize()));
  for (int i = 0; i < processor->GetPieceSize(); ++i) pieces.push_back(processor->IdToPiece(i));
  return pieces;
}

bool HasSentencePiece() noexcept { return true; }

#else

namespace {

[[noreturn]] void ThrowAbsent() {
  throw Error(ErrorCode::kUnsupportedModel,
              "tokenizer: its profile is \"sentencepiece\", which this radie was built without "
              "(RADIE_WITH_SENTENCEPIECE=OFF)");
}

}  // namespace

std::unique_ptr<const Tokenizer> MakeSentencePieceTokenizer(const TokenizerConfig&,
                                                            std::shared_ptr<const Vocab>) {
  ThrowAbsent();
}

std::vector<std::string> SentencePieces(std::string_view) { ThrowAbsent(); }

bool HasSentencePiece() noexcept { return false; }

#endif

}  // namespace radie
