// What the values of a stage's fields are called in a model file: the parsers read by these names,
// and Model::info() tells them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>

#include "libradie/base/activation.h"
#include "libradie/model/config.h"
#include "libradie/model/json_fields.h"
#include "libradie/model/label_scheme.h"

namespace radie {

inline constexpr Named<LabelScheme> kLabelSchemes[] = {{"iob2", LabelScheme::kIob2},
                                                       {"iob1", LabelScheme::kIob1},
                                                       {"io", LabelScheme::kIo},
                                                       {"bioes", LabelScheme::kBioes}};

inline constexpr Named<EntitiesConfig::Head> kTaggerHeads[] = {
    {"softmax", EntitiesConfig::Head::kSoftmax}, {"crf", EntitiesConfig::Head::kCrf}};

inline constexpr Named<EntitiesConfig::Subwords> kSubwords[] = {
    {"all", EntitiesConfig::Subwords::kAll},
    {"first", EntitiesConfig::Subwords::kFirst},
    {"last", EntitiesConfig::Subwords::kLast}};

inline constexpr Named<RelationsConfig::Layout> kLayouts[] = {
    {"pair", RelationsConfig::Layout::kPair},
    {"tail", RelationsConfig::Layout::kTail},
    {"shared", RelationsConfig::Layout::kShared},
    {"levitated", RelationsConfig::Layout::kLevitated}};

inline constexpr Named<RelationsConfig::Pooling> kPoolings[] = {
    {"cls", RelationsConfig::Pooling::kCls},   {"start", RelationsConfig::Pooling::kStart},
    {"end", RelationsConfig::Pooling::kEnd},   {"both", RelationsConfig::Pooling::kBoth},
    {"span", RelationsConfig::Pooling::kSpan}, {"mention", RelationsConfig::Pooling::kMention}};

inline constexpr Named<RelationsConfig::Combine> kCombines[] = {
    {"mean", RelationsConfig::Combine::kMean},
    {"concat", RelationsConfig::Combine::kConcat},
    {"concat_product", RelationsConfig::Combine::kConcatProduct},
    {"cls_concat", RelationsConfig::Combine::kClsConcat}};

inline constexpr Named<RelationsConfig::Scope> kScopes[] = {
    {"report", RelationsConfig::Scope::kReport},
    {"sentence", RelationsConfig::Scope::kSentence},
    {"tokens", RelationsConfig::Scope::kTokens}};

inline constexpr Named<RelationsConfig::Head> kRelationHeads[] = {
    {"mlp", RelationsConfig::Head::kMlp},
    {"linear", RelationsConfig::Head::kLinear},
    {"r_bert", RelationsConfig::Head::kRBert}};

inline constexpr Named<Activation> kRelationHeadActivations[] = {
    {"tanh", Activation::kTanh}, {"gelu", Activation::kGeluErf}, {"relu", Activation::kRelu}};

// The name of a value, which is one of those in the table.
template <typename Value, std::size_t count>
std::string NameIn(const Named<Value> (&names)[count], Value value) {
  return std::string(std::find_if(std::begin(names), std::end(names), [&](const Named<Value>& n) {
                       return n.value == value;
                     })->name);
}

}  // namespace radie
