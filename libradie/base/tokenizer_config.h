// A tokenizer's settings: read by model/, followed by tokenize/. What they mean:
// docs/tokenizers.md.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace radie {

enum class TokenizerKind { kChar, kBertBasic, kBertJa, kUthBert, kSentencePiece };

struct TokenizerProfile {
  std::string_view name;
  TokenizerKind kind;
  bool needs_mecab;
  bool word_pieces;                      // a token "##…" goes on with the word before it
  bool do_lower_case;                    // default
  std::size_t max_input_chars_per_word;  // default
  std::string_view dictionary;           // default; empty: none
};

// nullptr for a name that is none.
const TokenizerProfile* FindTokenizerProfile(std::string_view name) noexcept;

// All names, quoted, for messages.
std::string TokenizerProfileNames();

enum class WordSplitter { kNone, kBasic, kMecab };

struct TokenizerConfig {
  std::string profile = "char";
  bool do_lower_case = true;
  bool strip_accents = true;  // transformers' null is resolved to do_lower_case
  bool tokenize_chinese_chars = true;
  bool normalize_text = true;                  // NFKC before MeCab
  std::size_t max_input_chars_per_word = 100;  // code points; longer words are one unknown token
  WordSplitter words = WordSplitter::kNone;    // of "bert-ja-char"
  std::string dictionary;                      // the MeCab dictionary's name; empty: the profile's
  std::string dictionary_path, user_dictionary;  // its folder, instead of the name; a file
  std::string sentencepiece_model;               // bytes of the .model file, of "sentencepiece"
  std::string unk_token = "[UNK]", cls_token = "[CLS]", sep_token = "[SEP]";

  // The defaults of the profile of that name; the name is kept as it stands if there is none.
  static TokenizerConfig Of(std::string_view name);
};

// Whether it may name a dictionary: 1 to 64 letters, digits, '-', '_' and '.', no '.' in front. It
// is never a path: a model file cannot make radie open what it likes.
bool IsDictionaryName(std::string_view name) noexcept;

}  // namespace radie
