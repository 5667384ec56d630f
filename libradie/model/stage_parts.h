// What every stage's configuration has: encoder, vocabulary, labels, temperature. All
// throw Error(kInvalidModel or kUnsupportedModel) naming the field.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "libradie/model/config.h"
#include "libradie/model/json_fields.h"

namespace radie {

constexpr std::size_t kMaxVocabulary = 1'000'000;

using Vocabularies = std::map<std::string, std::vector<std::string>>;

[[noreturn]] void ThrowInvalid(const std::string& message);

// The tokens of one stage's vocabulary, for asking which it holds. Refers to the vocabulary.
class TokenSet {
 public:
  explicit TokenSet(const std::vector<std::string>& tokens)
      : tokens_(tokens.begin(), tokens.end()) {}

  // The field's token must be in the vocabulary.
  void Require(const std::string& path, const std::string& token) const;

 private:
  std::unordered_set<std::string_view> tokens_;
};

EncoderConfig ParseEncoder(const JsonFields& fields);

// Above 0, also as a float, and below 1: 0 would divide by zero where a row is constant.
float ParseLayerNormEps(const JsonFields& fields, const std::string& key);

// The stage's vocabulary, as large as its embedding table and with the special tokens in it.
TokenSet CheckVocabulary(const JsonFields& stage, const EncoderConfig& encoder,
                         const TokenizerSettings& tokenizer, const Vocabularies& vocabularies);

// A stage that reads text puts at least one token between [CLS] and [SEP].
void CheckPositions(const JsonFields& stage, const EncoderConfig& encoder);

std::vector<std::string> ParseLabels(const JsonFields& stage);

// 1 where the stage has none.
double ParseTemperature(const JsonFields& stage);

}  // namespace radie
