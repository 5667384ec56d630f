#include "libradie/tokenize/word_piece.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "libradie/base/utf8.h"

namespace radie {
namespace {

constexpr std::string_view kContinuation = "##";

}  // namespace

void WordPiece::AppendWord(const Word& word, std::vector<Token>* tokens) const {
  const std::size_t first = tokens->size();
  const auto make_unknown = [&] {
    tokens->erase(tokens->begin() + static_cast<std::ptrdiff_t>(first), tokens->end());
    tokens->push_back({unk_, {word.front().range.begin, word.back().range.end}});
  };
  if (word.size() > max_word_) return make_unknown();

  // The word stands behind a "##". A later piece is looked up with its "##" written over the two
  // bytes before it, which belong to pieces already found.
  std::string buffer(kContinuation);
  std::vector<std::size_t> starts;  // of each character in the buffer, and its end
  for (const Character& c : word) {
    starts.push_back(buffer.size());
    AppendUtf8(c.code_point, &buffer);
  }
  starts.push_back(buffer.size());

  for (std::size_t begin = 0; begin < word.size();) {
    std::size_t from = starts[begin];
    if (begin > 0) {
      from -= kContinuation.size();
      buffer.replace(from, kContinuation.size(), kContinuation);
    }
    const auto reach = std::upper_bound(starts.begin(), starts.end(), from + vocab_.longest());
    auto end = static_cast<std::size_t>(reach - starts.begin()) - 1;
    std::optional<std::int32_t> id;
    for (; end > begin; --end) {
      id = vocab_.Find(std::string_view(buffer).substr(from, starts[end] - from));
      if (id) break;
    }
    if (!id) return make_unknown();
    tokens->push_back({*id, {word[begin].range.begin, word[end - 1].range.end}});
    begin = end;
  }
}

void WordPiece::AppendWords(const Characters& text, std::vector<Token>* tokens) const {
  const auto splits = [](const Character& c) { return IsPythonSpace(c.code_point); };
  for (auto begin = text.begin(); begin != text.end();) {
    begin = std::find_if_not(begin, text.end(), splits);
    const auto end = std::find_if(begin, text.end(), splits);
    if (begin != end) AppendWord(Word(begin, end), tokens);
    begin = end;
  }
}

}  // namespace radie
