// Every tokenizer of the build over a stretch of any text.
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fuzz.h"
#include "libradie/tokenize/mecab_dictionary.h"
#include "libradie/tokenize/sentencepiece_tokenizer.h"
#include "libradie/tokenize/tokenizer.h"
#include "tests/text/utf8_samples.h"
#include "tests/tokenize/golden_lines.h"
#include "tests/tokenize/token_order.h"

namespace radie::fuzz {
namespace {

using Tokenizers = std::vector<std::unique_ptr<const Tokenizer>>;

void AddBertBasic(Tokenizers* all) {
  for (const char* name : {"vocab_uncased.txt", "vocab_cased.txt"}) {
    for (int options = 0; options < 8; ++options) {
      TokenizerConfig config = TokenizerConfig::Of("bert-basic");
      config.do_lower_case = (options & 1) != 0;
      config.strip_accents = (options & 2) != 0;
      config.tokenize_chinese_chars = (options & 4) != 0;
      all->push_back(MakeTokenizer(config, testing::LoadVocab(name)));
    }
  }
}

void AddBertJapanese(Tokenizers* all) {
  for (const WordSplitter words :
       {WordSplitter::kNone, WordSplitter::kBasic, WordSplitter::kMecab}) {
    if (words == WordSplitter::kMecab && !HasMecab()) continue;
    TokenizerConfig config = TokenizerConfig::Of("bert-ja-char");
    config.words = words;
    if (words == WordSplitter::kMecab) config.dictionary = "ipadic";
    all->push_back(MakeTokenizer(config, testing::LoadVocab("vocab_char.txt")));
  }
  if (!HasMecab()) return;
  for (const bool normalize : {false, true}) {
    TokenizerConfig config = TokenizerConfig::Of("bert-ja-mecab-ipadic");
    config.normalize_text = normalize;
    config.do_lower_case = normalize;
    all->push_back(MakeTokenizer(config, testing::LoadVocab("vocab_cased.txt")));
  }
  TokenizerConfig config = TokenizerConfig::Of("uth-bert");
  config.dictionary = "ipadic";
  all->push_back(MakeTokenizer(config, testing::LoadVocab("vocab_uth.txt")));
}

void AddSentencePiece(Tokenizers* all) {
  if (!HasSentencePiece()) return;
  TokenizerConfig config = TokenizerConfig::Of("sentencepiece");
  config.sentencepiece_model = testing::ReadGoldenBytes("sentencepiece_small.model");
  auto vocab = std::make_shared<const Vocab>(SentencePieces(config.sentencepiece_model));
  for (const bool lower : {false, true}) {
    config.do_lower_case = lower;
    config.unk_token = vocab->token(0), config.cls_token = vocab->token(1);
    config.sep_token = vocab->token(2);
    all->push_back(MakeTokenizer(config, vocab));
  }
}

const Tokenizers& AllTokenizers() {
  static const Tokenizers tokenizers = [] {
    Tokenizers all;
    all.push_back(MakeTokenizer({}, testing::LoadVocab("vocab_char.txt")));
    AddBertBasic(&all);
    AddBertJapanese(&all);
    AddSentencePiece(&all);
    return all;
  }();
  return tokenizers;
}

}  // namespace

RADIE_FUZZ_TARGET(tokenizers) {
  Input input(bytes);
  const std::size_t which = input.Byte() % AllTokenizers().size();
  const std::uint8_t begin = input.Byte(), end = input.Byte();
  const std::string text = WellFormed(input.Rest(), 1024);
  const std::vector<std::size_t> ends = Boundaries(text);
  TextRange sentence{ends[begin % ends.size()], ends[ends.size() - 1 - end % ends.size()]};
  if (sentence.end < sentence.begin) std::swap(sentence.begin, sentence.end);

  const Tokenizer& tokenizer = *AllTokenizers()[which];
  const std::vector<Token> tokens = tokenizer.Tokenize(text, sentence);
  ExpectInOrder(tokens, text, sentence);
  for (const Token& token : tokens) {
    ASSERT_TRUE(token.id >= 0 && static_cast<std::size_t>(token.id) < tokenizer.vocab().size());
  }
  // What stands round the sentence is not read.
  const std::string alone = text.substr(sentence.begin, sentence.size());
  const std::vector<Token> again = tokenizer.Tokenize(alone, {0, alone.size()});
  ASSERT_EQ(again.size(), tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    ASSERT_EQ(again[i].id, tokens[i].id);
    ASSERT_EQ(again[i].range.begin + sentence.begin, tokens[i].range.begin);
    ASSERT_EQ(again[i].range.end + sentence.begin, tokens[i].range.end);
  }
}

}  // namespace radie::fuzz
