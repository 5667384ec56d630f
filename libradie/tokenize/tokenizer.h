// From a sentence of normalised text to token ids, each with the text it stands for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libradie/base/ranges.h"
#include "libradie/tokenize/vocab.h"

namespace radie {

// Ranges of a sentence's tokens are in order: neither begins nor ends ever decrease. They overlap
// only where the tokenizer makes several tokens of one character (bert-basic without case or
// accents takes a Hangul syllable apart): each then has the whole character.
struct Token {
  std::int32_t id;
  TextRange range;  // in the normalised text, on code point boundaries; not empty

  friend bool operator==(const Token&, const Token&) = default;
};

struct TokenizerConfig {
  std::string profile = "char";  // "char" or "bert-basic"
  bool do_lower_case = true;     // the rest is for "bert-basic"
  bool strip_accents = true;     // the caller resolves transformers' null to do_lower_case
  bool tokenize_chinese_chars = true;
  std::size_t max_input_chars_per_word = 100;  // code points; longer words are one unknown token
  std::string unk_token = "[UNK]", cls_token = "[CLS]", sep_token = "[SEP]";
};

// Immutable and thread-safe.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  // Tokens of text[sentence], without special tokens. Ranges are in `text`, not in the sentence.
  // `text` is valid UTF-8 and `sentence` is inside it, on code point boundaries.
  virtual std::vector<Token> Tokenize(std::string_view text, TextRange sentence) const = 0;

  const Vocab& vocab() const { return *vocab_; }
  std::int32_t unk() const { return unk_; }
  std::int32_t cls() const { return cls_; }
  std::int32_t sep() const { return sep_; }

 protected:
  Tokenizer(std::shared_ptr<const Vocab> vocab,
            const TokenizerConfig& config);  // throws as MakeTokenizer

 private:
  std::shared_ptr<const Vocab> vocab_;
  std::int32_t unk_, cls_, sep_;
};

// Throws Error(kUnsupportedModel) for an unknown profile, Error(kInvalidModel) for a special token
// that the vocabulary lacks.
std::unique_ptr<const Tokenizer> MakeTokenizer(const TokenizerConfig& config,
                                               std::shared_ptr<const Vocab> vocab);

}  // namespace radie
