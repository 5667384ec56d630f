#include "libradie/tokenize/basic_tokenizer.h"

#include <algorithm>
#include <string>

#include "libradie/text/unicode.h"
#include "libradie/base/utf8.h"

namespace radie {
namespace {

using Characters = std::vector<Character>;

// The blocks that BERT counts as Chinese: no kana, no Hangul.
bool IsChinese(char32_t c) {
  constexpr struct {
    char32_t first, last;
  } kBlocks[] = {{0x4E00, 0x9FFF},   {0x3400, 0x4DBF},   {0x20000, 0x2A6DF}, {0x2A700, 0x2B73F},
                 {0x2B740, 0x2B81F}, {0x2B820, 0x2CEAF}, {0xF900, 0xFAFF},   {0x2F800, 0x2FA1F}};
  return std::any_of(std::begin(kBlocks), std::end(kBlocks),
                     [c](const auto& block) { return block.first <= c && c <= block.last; });
}

bool IsBertPunctuation(char32_t c) {
  if (c < 0x80) {
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
           (c >= '{' && c <= '~');
  }
  return IsPunctuation(c);
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

// Every character of a segment that the form changes has the whole segment's range.
class Normalizing {
 public:
  explicit Normalizing(NormalForm form) : form_(form) {}

  Characters Run(const Characters& characters) {
    result_.reserve(characters.size());
    for (auto begin = characters.begin(); begin != characters.end();) {
      // A space never changes what follows it: a mark behind it is a segment of its own.
      auto end = begin + 1;
      while (end != characters.end() && begin->code_point != ' ' && !Begins(end->code_point)) ++end;
      AddSegment(begin, end);
      begin = end;
    }
    return std::move(result_);
  }

 private:
  bool Begins(char32_t c) const { return IsPlain(form_, c) || HasBoundaryBefore(form_, c); }

  void AddSegment(Characters::const_iterator begin, Characters::const_iterator end) {
    if (end - begin == 1 && IsPlain(form_, begin->code_point)) {
      result_.push_back(*begin);
      return;
    }
    segment_.clear();
    normal_.clear();
    for (auto at = begin; at != end; ++at) segment_.push_back(at->code_point);
    AppendNormalized(form_, segment_, &normal_);
    if (normal_ == segment_) {
      result_.insert(result_.end(), begin, end);
      return;
    }
    const TextRange whole{begin->range.begin, (end - 1)->range.end};
    for (const char32_t c : normal_) result_.push_back({c, whole});
  }

  const NormalForm form_;
  std::u32string segment_, normal_;
  Characters result_;
};

Characters Lowered(const Characters& word) {
  std::u32string code_points, lower;
  for (const Character& c : word) code_points.push_back(c.code_point);
  Characters result;
  result.reserve(word.size());
  for (std::size_t i = 0; i < word.size(); ++i) {
    lower.clear();
    AppendLower(code_points, i, &lower);
    for (const char32_t c : lower) result.push_back({c, word[i].range});
  }
  return result;
}

Characters WithoutAccents(const Characters& word) {
  Characters result;
  for (const Character& c : Normalizing(NormalForm::kNfd).Run(word)) {
    if (!IsNonspacingMark(c.code_point)) {
      result.push_back(c);
    } else if (!result.empty()) {
      result.back().range.end = std::max(result.back().range.end, c.range.end);
    }
  }
  return result;
}

// Each punctuation mark is a word, and what lies between two of them.
void SplitAtPunctuation(const Characters& characters, std::vector<Word>* words) {
  bool in_word = false;
  for (const Character& c : characters) {
    const bool punctuation = IsBertPunctuation(c.code_point);
    if (punctuation || !in_word) words->emplace_back();
    words->back().push_back(c);
    in_word = !punctuation;
  }
}

}  // namespace

std::vector<Word> BasicTokenize(std::string_view text, TextRange range,
                                const BasicTokenizerOptions& options) {
  const Characters characters =
      Normalizing(NormalForm::kNfc).Run(Clean(text, range, options.tokenize_chinese_chars));
  const auto splits = [](const Character& c) { return SplitsWords(c.code_point); };
  std::vector<Word> words;
  for (auto begin = characters.begin(); begin != characters.end();) {
    begin = std::find_if_not(begin, characters.end(), splits);
    const auto end = std::find_if(begin, characters.end(), splits);
    Characters word(begin, end);
    if (options.do_lower_case) word = Lowered(word);
    if (options.strip_accents) word = WithoutAccents(word);
    SplitAtPunctuation(word, &words);
    begin = end;
  }
  return words;
}

}  // namespace radie
