#include "libradie/base/tokenizer_config.h"

#include <algorithm>

namespace radie {
namespace {

constexpr TokenizerProfile kProfiles[] = {
    {"char", TokenizerKind::kChar, false, false, true, 100, ""},
    {"bert-basic", TokenizerKind::kBertBasic, false, true, true, 100, ""},
    {"bert-ja-mecab-ipadic", TokenizerKind::kBertJa, true, true, false, 100, "ipadic"},
    {"bert-ja-mecab-unidic", TokenizerKind::kBertJa, true, true, false, 100, "unidic_lite"},
    {"bert-ja-char", TokenizerKind::kBertJa, false, false, false, 100, ""},
    {"uth-bert", TokenizerKind::kUthBert, true, true, false, 200, "mecab-ipadic-neologd"},
    {"sentencepiece", TokenizerKind::kSentencePiece, false, false, false, 100, ""},
};

}  // namespace

const TokenizerProfile* FindTokenizerProfile(std::string_view name) noexcept {
  const auto* found = std::find_if(std::begin(kProfiles), std::end(kProfiles),
                                   [&](const TokenizerProfile& p) { return p.name == name; });
  return found == std::end(kProfiles) ? nullptr : found;
}

std::string TokenizerProfileNames() {
  std::string names;
  for (const TokenizerProfile& profile : kProfiles) {
    if (!names.empty()) names += ", ";
    names.append("\"").append(profile.name).append("\"");
  }
  return names;
}

TokenizerConfig TokenizerConfig::Of(std::string_view name) {
  TokenizerConfig config;
  config.profile = name;
  if (const TokenizerProfile* profile = FindTokenizerProfile(name)) {
    config.do_lower_case = config.strip_accents = profile->do_lower_case;
    config.max_input_chars_per_word = profile->max_input_chars_per_word;
    config.dictionary = profile->dictionary;
  }
  return config;
}

bool IsDictionaryName(std::string_view name) noexcept {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return !name.empty() && name.size() <= 64 && name[0] != '.' &&
         std::all_of(name.begin(), name.end(), allowed);
}

}  // namespace radie
