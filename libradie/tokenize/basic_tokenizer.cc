#include "libradie/tokenize/basic_tokenizer.h"

#include <algorithm>

#include "libradie/base/utf8.h"
#include "libradie/text/unicode.h"

namespace radie {
namespace {

// The blocks that BERT counts as Chinese: no kana, no Hangul.
bool IsChinese(char32_t c) {
  constexpr struct {
    char32_t first, last;
  } kBlocks[] = {{0x4E00, 0x9FFF},   {0x3400, 0x4DBF},   {0x20000, 0x2A6DF}, {0x2A700, 0x2B73F},
                 {0x2B740, 0x2B81F}, {0x2B820, 0x2CEAF}, {0xF900, 0xFAFF},   {0x2F800, 0x2FA1F}};
  return std::any_of(std::begin(kBlocks), std::end(kBlocks),
                     [c](const auto& block) { return block.first <= c && c <= block.last; });
}

// What is left between words after Clean: spaces, and the separators that are neither control
// characters nor Zs.
bool SplitsWords(char32_t c) { return c == ' ' || c == 0x2028 || c == 0x2029; }

// Characters without controls; white space as spaces; a space round each ideograph if asked for.
Characters Clean(std::string_view text, TextRange range, bool space_chinese) {
  Characters characters;
  characters.reserve(range.size() / 2);
  for (std::size_t position = range.begin; position < range.end;) {
    const std::size_t begin = position;
    const char32_t c = NextCodePoint(text, &position);
    const TextRange here{begin, position};
    if (c == '\t' || c == '\n' || c == '\r' || IsSpaceSeparator(c)) {
      characters.push_back({' ', here});
    } else if (c == 0 || c == 0xFFFD || IsOther(c)) {
      continue;
    } else if (space_chinese && IsChinese(c)) {
      characters.push_back({' ', {begin, begin}});
      characters.push_back({c, here});
      characters.push_back({' ', {position, position}});
    } else {
      characters.push_back({c, here});
    }
  }
  return characters;
}

Characters WithoutAccents(const Characters& word) {
  Characters result;
  for (const Character& c : NormalizedCharacters(NormalForm::kNfd, word)) {
    if (!IsNonspacingMark(c.code_point)) {
      result.push_back(c);
    } else if (!result.empty()) {
      result.back().range.end = std::max(result.back().range.end, c.range.end);
    }
  }
  return result;
}

}  // namespace

std::vector<Word> BasicTokenize(std::string_view text, TextRange range,
                                const BasicTokenizerOptions& options) {
  const Characters characters =
      NormalizedCharacters(NormalForm::kNfc, Clean(text, range, options.tokenize_chinese_chars));
  const auto splits = [](const Character& c) { return SplitsWords(c.code_point); };
  std::vector<Word> words;
  for (auto begin = characters.begin(); begin != characters.end();) {
    begin = std::find_if_not(begin, characters.end(), splits);
    const auto end = std::find_if(begin, characters.end(), splits);
    Characters word(begin, end);
    if (options.do_lower_case) word = LoweredCharacters(word);
    if (options.strip_accents) word = WithoutAccents(word);
    SplitAtPunctuation(word, &words);
    begin = end;
  }
  return words;
}

}  // namespace radie
