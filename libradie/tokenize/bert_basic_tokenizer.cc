#include "libradie/tokenize/bert_basic_tokenizer.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "libradie/base/utf8.h"

namespace radie {
namespace {

constexpr std::string_view kContinuation = "##";

}  // namespace

BertBasicTokenizer::BertBasicTokenizer(const TokenizerConfig& config,
                                       std::shared_ptr<const Vocab> vocab)
    : Tokenizer(std::move(vocab), config),
      options_{config.do_lower_case, config.strip_accents, config.tokenize_chinese_chars},
      max_word_(config.max_input_chars_per_word) {}

std::vector<Token> BertBasicTokenizer::Tokenize(std::string_view text, TextRange sentence) const {
  std::vector<Token> tokens;
  for (const Word& word : BasicTokenize(text, sentence, options_)) AppendPieces(word, &tokens);
  return tokens;
}

void BertBasicTokenizer::AppendPieces(const Word& word, std::vector<Token>* tokens) const {
  const std::size_t first = tokens->size();
  const auto make_unknown = [&] {
    tokens->erase(tokens->begin() + static_cast<std::ptrdiff_t>(first), tokens->end());
    tokens->push_back({unk(), {word.front().range.begin, word.back().range.end}});
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
    const auto reach = std::upper_bound(starts.begin(), starts.end(), from + vocab().longest());
    auto end = static_cast<std::size_t>(reach - starts.begin()) - 1;
    std::optional<std::int32_t> id;
    for (; end > begin; --end) {
      id = vocab().Find(std::string_view(buffer).substr(from, starts[end] - from));
      if (id) break;
    }
    if (!id) return make_unknown();
    tokens->push_back({*id, {word[begin].range.begin, word[end - 1].range.end}});
    begin = end;
  }
}

}  // namespace radie
