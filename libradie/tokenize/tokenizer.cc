#include "libradie/tokenize/tokenizer.h"

#include <utility>

#include "libradie/tokenize/bert_basic_tokenizer.h"
#include "libradie/tokenize/char_tokenizer.h"
#include "radie/error.h"

namespace radie {
namespace {

std::int32_t SpecialToken(const Vocab& vocab, const char* name, const std::string& token) {
  if (const auto id = vocab.Find(token)) return *id;
  throw Error(ErrorCode::kInvalidModel, "tokenizer." + std::string(name) + " \"" + token +
                                            "\" is not in the vocabulary of " +
                                            std::to_string(vocab.size()) + " tokens");
}

}  // namespace

Tokenizer::Tokenizer(std::shared_ptr<const Vocab> vocab, const TokenizerConfig& config)
    : vocab_(std::move(vocab)),
      unk_(SpecialToken(*vocab_, "unk_token", config.unk_token)),
      cls_(SpecialToken(*vocab_, "cls_token", config.cls_token)),
      sep_(SpecialToken(*vocab_, "sep_token", config.sep_token)) {}

std::unique_ptr<const Tokenizer> MakeTokenizer(const TokenizerConfig& config,
                                               std::shared_ptr<const Vocab> vocab) {
  if (config.profile == "char") return std::make_unique<CharTokenizer>(config, std::move(vocab));
  if (config.profile == "bert-basic") {
    return std::make_unique<BertBasicTokenizer>(config, std::move(vocab));
  }
  throw Error(ErrorCode::kUnsupportedModel, "tokenizer.profile is \"" + config.profile +
                                                "\"; supported are \"char\" and \"bert-basic\"");
}

}  // namespace radie
