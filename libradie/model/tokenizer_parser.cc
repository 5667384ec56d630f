#include "libradie/model/tokenizer_parser.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "libradie/model/base64.h"
#include "libradie/model/quoted.h"
#include "radie/error.h"

namespace radie {
namespace {

constexpr std::size_t kMaxWordLength = 10'000;
constexpr std::size_t kMaxSentencePieces = 8;
constexpr std::size_t kMaxSentencePieceText = (std::size_t{32} << 20) / 3 * 4;

constexpr Named<WordSplitter> kWordSplitters[] = {{"none", WordSplitter::kNone},
                                                  {"basic", WordSplitter::kBasic},
                                                  {"mecab", WordSplitter::kMecab}};

void ParseWords(const JsonFields& fields, const TokenizerProfile& profile,
                TokenizerSettings* settings) {
  if (profile.kind == TokenizerKind::kBertJa && !profile.needs_mecab &&
      fields.Has("word_tokenizer")) {
    settings->words = fields.Choice("word_tokenizer", kWordSplitters);
  }
  if (fields.Has("dictionary")) {
    settings->dictionary = fields.String("dictionary");
    if (!IsDictionaryName(settings->dictionary)) {
      fields.ThrowInvalid("dictionary",
                          "is no name of a dictionary (letters, digits, '-', '_', '.')");
    }
  }
  if (settings->words == WordSplitter::kMecab && settings->dictionary.empty()) {
    fields.ThrowInvalid("dictionary", "is missing, and word_tokenizer is \"mecab\"");
  }
}

}  // namespace

std::map<std::string, std::string> ParseSentencePieces(const ModelFile& file) {
  static constexpr std::string_view kPrefix = "sentencepiece.";
  std::map<std::string, std::string> models;
  for (const auto& [key, value] : file.metadata()) {
    if (key.compare(0, kPrefix.size(), kPrefix) != 0) continue;
    const std::string what = "metadata " + Quoted(key);
    if (models.size() == kMaxSentencePieces) {
      throw Error(
          ErrorCode::kInvalidModel,
          "metadata has more than " + std::to_string(kMaxSentencePieces) + " sentencepiece.* keys");
    }
    if (value.size() > kMaxSentencePieceText) {
      throw Error(ErrorCode::kUnsupportedModel, what + ": " + std::to_string(value.size()) +
                                                    " characters, at most " +
                                                    std::to_string(kMaxSentencePieceText));
    }
    std::optional<std::string> bytes = DecodeBase64(value);
    if (!bytes) throw Error(ErrorCode::kInvalidModel, what + ": is not base64");
    models.emplace(key.substr(kPrefix.size()), std::move(*bytes));
  }
  return models;
}

TokenizerSettings ParseTokenizer(const JsonFields& fields,
                                 const std::map<std::string, std::string>& sentencepieces) {
  const std::string profile = fields.String("profile");
  const TokenizerProfile* known = FindTokenizerProfile(profile);
  if (known == nullptr) fields.ThrowUnknown("profile");
  TokenizerSettings settings{TokenizerConfig::Of(profile), fields.String("vocab")};
  settings.unk_token = fields.String("unk_token");
  settings.cls_token = fields.String("cls_token");
  settings.sep_token = fields.String("sep_token");
  settings.do_lower_case = fields.Boolean("do_lower_case", settings.do_lower_case);
  settings.strip_accents = fields.IsNull("strip_accents")
                               ? settings.do_lower_case
                               : fields.Boolean("strip_accents", settings.do_lower_case);
  settings.tokenize_chinese_chars = fields.Boolean("tokenize_chinese_chars", true);
  settings.normalize_text = fields.Boolean("normalize_text", true);
  if (fields.Has("max_input_chars_per_word")) {
    settings.max_input_chars_per_word = fields.Size("max_input_chars_per_word", 1, kMaxWordLength);
  }
  ParseWords(fields, *known, &settings);
  if (known->kind == TokenizerKind::kSentencePiece &&
      sentencepieces.count(settings.vocab_name) == 0) {
    fields.ThrowInvalid("vocab", "metadata has no key sentencepiece." + settings.vocab_name);
  }
  return settings;
}

}  // namespace radie
