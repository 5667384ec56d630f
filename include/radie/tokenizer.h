// Tokens of a text, with their offsets: as a model's stage reads it, or as a tokenizer by itself
// makes them. See docs/tokenizers.md for the profiles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "radie/export.h"
#include "radie/model.h"
#include "radie/report.h"

namespace radie {

struct TextToken {
  std::int32_t id = 0;
  std::string text;  // the vocabulary's entry
  TextSpan span;     // the caller's text it stands for; empty for a special token round a sentence
};

// A tokenizer without a model. Each setting's meaning, and which profiles take it:
// docs/tokenizers.md.
struct TokenizerOptions {
  std::string profile = "char";

  // Position = id. Empty for a profile that has a vocabulary of its own ("sentencepiece").
  std::vector<std::string> vocabulary = {};
  std::string sentencepiece_model = {};  // the bytes of a .model file

  std::optional<bool> do_lower_case = {};  // nothing: the profile's default
  std::optional<bool> strip_accents = {};  // nothing: as do_lower_case
  bool tokenize_chinese_chars = true;
  bool normalize_text = true;
  std::optional<std::size_t> max_input_chars_per_word = {};  // nothing: the profile's default

  std::string word_tokenizer = "none";  // of "bert-ja-char": "none", "basic" or "mecab"
  std::string dictionary = {};          // name of the MeCab dictionary; empty: the profile's
  std::string mecab_dictionary = {}, mecab_user_dictionary = {};  // as in LoadOptions

  std::string unk_token = "[UNK]", cls_token = "[CLS]", sep_token = "[SEP]";
};

// Immutable and thread-safe. A move leaves nothing that may be used.
class RADIE_API TextTokenizer {
 public:
  // Throws Error: kInvalidArgument for a setting that is none, kUnsupportedModel for a profile that
  // this version or build does not have, kInvalidModel for a vocabulary without the special tokens
  // or a damaged SentencePiece model, kIo for a dictionary that is not there.
  explicit TextTokenizer(const TokenizerOptions& options);

  // The tokenizer of one stage, behind the model's normalisation and sentence splitting. Throws
  // Error(kInvalidArgument) for no model, and when it has no such stage or the stage no tokenizer.
  TextTokenizer(std::shared_ptr<const Model> model, Stage stage);

  ~TextTokenizer();
  TextTokenizer(TextTokenizer&&) noexcept;
  TextTokenizer& operator=(TextTokenizer&&) noexcept;

  // Tokens in order of the text. With `special_tokens`, those that begin and end a sequence stand
  // round each sentence (of a tokenizer without a model: round the text). Throws
  // Error(kInvalidText) when the text is not UTF-8.
  std::vector<TextToken> Tokenize(std::string_view utf8, bool special_tokens = false) const;

 private:
  class Impl;
  std::unique_ptr<const Impl> impl_;
};

// The pieces of a SentencePiece model in order of their ids: what TokenizerOptions::vocabulary is
// when it is left empty. Throws as TextTokenizer.
RADIE_API std::vector<std::string> SentencePieceVocabulary(std::string_view model);

}  // namespace radie
