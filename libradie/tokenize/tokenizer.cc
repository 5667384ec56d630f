#include "libradie/tokenize/tokenizer.h"

#include <string>
#include <utility>

#include "libradie/tokenize/bert_basic_tokenizer.h"
#include "libradie/tokenize/bert_ja_tokenizer.h"
#include "libradie/tokenize/char_tokenizer.h"
#include "libradie/tokenize/dictionary_places.h"
#include "libradie/tokenize/mecab_dictionary.h"
#include "libradie/tokenize/sentencepiece_tokenizer.h"
#include "libradie/tokenize/uth_bert_tokenizer.h"
#include "radie/error.h"

namespace radie {
namespace {

std::int32_t SpecialToken(const Vocab& vocab, const char* name, const std::string& token) {
  if (const auto id = vocab.Find(token)) return *id;
  throw Error(ErrorCode::kInvalidModel, "tokenizer." + std::string(name) + " \"" + token +
                                            "\" is not in the vocabulary of " +
                                            std::to_string(vocab.size()) + " tokens");
}

// nullptr where the profile does without.
std::shared_ptr<const MecabDictionary> OpenDictionary(const TokenizerConfig& config) {
  if (config.words != WordSplitter::kMecab) return nullptr;
  if (!HasMecab()) return MecabDictionary::Open({});  // says so, before a missing dictionary is
  return MecabDictionary::Open(
      {config.dictionary_path.empty() ? FindDictionary(config.dictionary) : config.dictionary_path,
       config.user_dictionary});
}

}  // namespace

Tokenizer::Tokenizer(std::shared_ptr<const Vocab> vocab, const TokenizerConfig& config)
    : vocab_(std::move(vocab)),
      unk_(SpecialToken(*vocab_, "unk_token", config.unk_token)),
      cls_(SpecialToken(*vocab_, "cls_token", config.cls_token)),
      sep_(SpecialToken(*vocab_, "sep_token", config.sep_token)) {}

std::unique_ptr<const Tokenizer> MakeTokenizer(const TokenizerConfig& given,
                                               std::shared_ptr<const Vocab> vocab) {
  const TokenizerProfile* profile = FindTokenizerProfile(given.profile);
  if (profile == nullptr) {
    throw Error(ErrorCode::kUnsupportedModel, "tokenizer.profile is \"" + given.profile +
                                                  "\"; supported are " + TokenizerProfileNames());
  }
  TokenizerConfig config = given;
  if (config.dictionary.empty()) config.dictionary = profile->dictionary;
  if (profile->needs_mecab) config.words = WordSplitter::kMecab;
  switch (profile->kind) {
    case TokenizerKind::kChar:
      return std::make_unique<CharTokenizer>(config, std::move(vocab));
    case TokenizerKind::kBertBasic:
      return std::make_unique<BertBasicTokenizer>(config, std::move(vocab));
    case TokenizerKind::kBertJa:
      return std::make_unique<BertJaTokenizer>(config, std::move(vocab), OpenDictionary(config));
    case TokenizerKind::kUthBert:
      return std::make_unique<UthBertTokenizer>(config, std::move(vocab), OpenDictionary(config));
    case TokenizerKind::kSentencePiece:
      return MakeSentencePieceTokenizer(config, std::move(vocab));
  }
  throw Error(ErrorCode::kInternal, "tokenizer.profile has no tokenizer");
}

}  // namespace radie
