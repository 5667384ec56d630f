#include <utility>

#include "libradie/base/float_environment.h"
#include "libradie/base/tokenizer_config.h"
#include "libradie/extract/loaded_model.h"
#include "libradie/text/document.h"
#include "libradie/text/normalization.h"
#include "libradie/text/sentences.h"
#include "libradie/tokenize/sentencepiece_tokenizer.h"
#include "libradie/tokenize/tokenizer.h"
#include "radie/tokenizer.h"

namespace radie {
namespace {

WordSplitter WordSplitterOf(const std::string& name) {
  if (name == "none") return WordSplitter::kNone;
  if (name == "basic") return WordSplitter::kBasic;
  if (name == "mecab") return WordSplitter::kMecab;
  throw Error(ErrorCode::kInvalidArgument,
              "TokenizerOptions.word_tokenizer: one of \"none\", \"basic\", \"mecab\"");
}

TokenizerConfig ConfigOf(const TokenizerOptions& options) {
  TokenizerConfig config = TokenizerConfig::Of(options.profile);
  config.do_lower_case = options.do_lower_case.value_or(config.do_lower_case);
  config.strip_accents = options.strip_accents.value_or(config.do_lower_case);
  config.tokenize_chinese_chars = options.tokenize_chinese_chars;
  config.normalize_text = options.normalize_text;
  config.max_input_chars_per_word =
      options.max_input_chars_per_word.value_or(config.max_input_chars_per_word);
  config.words = WordSplitterOf(options.word_tokenizer);
  if (!options.dictionary.empty()) config.dictionary = options.dictionary;
  if (config.words == WordSplitter::kMecab && config.dictionary.empty() &&
      options.mecab_dictionary.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                "TokenizerOptions.dictionary: missing, and word_tokenizer is \"mecab\"");
  }
  config.dictionary_path = options.mecab_dictionary;
  config.user_dictionary = options.mecab_user_dictionary;
  config.sentencepiece_model = options.sentencepiece_model;
  config.unk_token = options.unk_token;
  config.cls_token = options.cls_token;
  config.sep_token = options.sep_token;
  return config;
}

std::unique_ptr<const Tokenizer> MakeTokenizerOf(const TokenizerOptions& options) {
  std::vector<std::string> vocabulary = options.vocabulary;
  if (vocabulary.empty() && !options.sentencepiece_model.empty()) {
    vocabulary = SentencePieces(options.sentencepiece_model);
  }
  return MakeTokenizer(ConfigOf(options), std::make_shared<const Vocab>(std::move(vocabulary)));
}

}  // namespace

class TextTokenizer::Impl {
 public:
  explicit Impl(const TokenizerOptions& options)
      : own_(MakeTokenizerOf(options)), tokenizer_(own_.get()) {}

  Impl(std::shared_ptr<const Model> model, Stage stage)
      : model_(std::move(model)),
        tokenizer_(model_ == nullptr ? nullptr : model_->loaded().TokenizerOf(stage)) {
    if (tokenizer_ == nullptr) {
      throw Error(ErrorCode::kInvalidArgument,
                  "TextTokenizer: no model, no such stage, or the stage has no tokenizer");
    }
    normalization_ = model_->loaded().normalization;
    sentences_ = model_->loaded().sentences;
  }

  std::vector<TextToken> Tokenize(std::string_view utf8, bool special_tokens) const {
    const Document document = Document::Decode(utf8);
    const NormalizedText normalized = normalization_.Apply(document);
    std::vector<TextToken> tokens;
    const auto add = [&](std::int32_t id, SourceRange range) {
      tokens.push_back({id, tokenizer_->vocab().token(id), document.Span(range)});
    };
    for (const TextRange& sentence : SentencesOf(normalized.text)) {
      const SourceRange whole =
          sentence.empty() ? SourceRange{} : normalized.map.ToSource(sentence);
      if (special_tokens) add(tokenizer_->cls(), {whole.begin, whole.begin});
      for (const Token& token : tokenizer_->Tokenize(normalized.text, sentence)) {
        add(token.id, normalized.map.ToSource(token.range));
      }
      if (special_tokens) add(tokenizer_->sep(), {whole.end, whole.end});
    }
    return tokens;
  }

 private:
  // A tokenizer by itself reads all there is, the white space at its ends too.
  std::vector<TextRange> SentencesOf(std::string_view text) const {
    if (model_ == nullptr) return {{0, text.size()}};
    return SplitSentences(text, sentences_);
  }

  const std::shared_ptr<const Model> model_;    // null for a tokenizer by itself
  const std::unique_ptr<const Tokenizer> own_;  // null for a model's
  const Tokenizer* const tokenizer_;            // not null
  Normalization normalization_;
  SentenceRules sentences_ = SentenceRules::kNone;
};

TextTokenizer::TextTokenizer(const TokenizerOptions& options)
    : impl_(std::make_unique<const Impl>(options)) {}

TextTokenizer::TextTokenizer(std::shared_ptr<const Model> model, Stage stage)
    : impl_(std::make_unique<const Impl>(std::move(model), stage)) {}

TextTokenizer::~TextTokenizer() = default;
TextTokenizer::TextTokenizer(TextTokenizer&&) noexcept = default;
TextTokenizer& TextTokenizer::operator=(TextTokenizer&&) noexcept = default;

std::vector<TextToken> TextTokenizer::Tokenize(std::string_view utf8, bool special_tokens) const {
  const FloatEnvironment environment;  // SentencePiece adds scores
  return impl_->Tokenize(utf8, special_tokens);
}

std::vector<std::string> SentencePieceVocabulary(std::string_view model) {
  return SentencePieces(model);
}

}  // namespace radie
