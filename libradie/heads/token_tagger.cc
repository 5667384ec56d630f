#include "libradie/heads/token_tagger.h"

#include <algorithm>
#include <span>

#include "libradie/heads/crf.h"
#include "libradie/heads/tag_labels.h"
#include "libradie/nn/linear.h"

namespace radie {
namespace {

Crf MakeCrf(WeightSource& weights, const std::string& scope, const EntitiesConfig& config) {
  const std::size_t labels = config.labels.size();
  if (config.head == EntitiesConfig::Head::kSoftmax) {
    return Crf(std::vector<float>(labels), std::vector<float>(labels),
               std::vector<float>(labels * labels));
  }
  return Crf(weights.GetFloats(scope + "crf.start_transitions", {labels}),
             weights.GetFloats(scope + "crf.end_transitions", {labels}),
             weights.GetFloats(scope + "crf.transitions", {labels, labels}));
}

}  // namespace

class TokenTagger::Impl {
 public:
  Impl(WeightSource& weights, const std::string& scope, const EntitiesConfig& config,
       const Schema& schema, const kernels::KernelSet& kernels)
      : labels_(config.labels, schema, config.scheme),
        special_tokens_(config.special_tokens_in_path),
        constraints_(config.constrained ? labels_.Constraints() : TagConstraints{}),
        classifier_(weights, scope + "classifier", config.labels.size(), config.encoder.hidden_size,
                    {kernels, {}, Arithmetic::Inputs::kFloats}),
        crf_(MakeCrf(weights, scope, config)),
        temperature_(config.temperature),
        cooled_(crf_.Cooled(config.temperature)) {}

  Tensor Emissions(ConstMatrixView states) const {
    Tensor emissions(states.rows, labels_.size());
    if (states.rows != 0) classifier_.Forward(states, Activation::kNone, emissions.view());
    return emissions;
  }

  std::vector<std::size_t> Decode(ConstMatrixView emissions) const {
    return crf_.Decode(emissions, constraints_);
  }

  std::vector<TagSpan> Tag(ConstMatrixView emissions) const {
    const std::vector<std::size_t> path = Decode(emissions);
    TokenRange read{0, path.size()};
    if (special_tokens_) read = {1, std::max<std::size_t>(path.size(), 2) - 1};
    if (read.end <= read.begin) return {};
    const std::vector<TagLabels::Span> spans =
        labels_.Read(std::span(path).subspan(read.begin, read.size()));
    if (spans.empty()) return {};  // most sentences of some reports: no marginals needed
    const Tensor cooled = Cooled(emissions);
    const CrfMarginals marginals(cooled_, temperature_ == 1 ? emissions : cooled.view(),
                                 constraints_);
    std::vector<TagSpan> tagged;
    tagged.reserve(spans.size());
    for (const TagLabels::Span& span : spans) {
      const TokenRange in_path{span.tokens.begin + read.begin, span.tokens.end + read.begin};
      tagged.push_back(
          {span.tokens, span.type, labels_.Probability(marginals, {in_path, span.type}, read)});
    }
    return tagged;
  }

 private:
  // Empty at temperature 1: nothing is to be copied then.
  Tensor Cooled(ConstMatrixView emissions) const {
    if (temperature_ == 1) return {};
    Tensor cooled(emissions.rows, emissions.cols);
    for (std::size_t row = 0; row < emissions.rows; ++row) {
      for (std::size_t col = 0; col < emissions.cols; ++col) {
        cooled.view().row(row)[col] = CooledScore(emissions.row(row)[col], temperature_);
      }
    }
    return cooled;
  }

  const TagLabels labels_;
  const bool special_tokens_;
  const TagConstraints constraints_;
  const Linear classifier_;
  const Crf crf_;
  const double temperature_;
  const Crf cooled_;
};

TokenTagger::TokenTagger(WeightSource& weights, const std::string& scope,
                         const EntitiesConfig& config, const Schema& schema,
                         const kernels::KernelSet& kernels)
    : impl_(std::make_unique<const Impl>(weights, scope, config, schema, kernels)) {}
TokenTagger::~TokenTagger() = default;
TokenTagger::TokenTagger(TokenTagger&&) noexcept = default;

Tensor TokenTagger::Emissions(ConstMatrixView states) const { return impl_->Emissions(states); }

std::vector<std::size_t> TokenTagger::Decode(ConstMatrixView emissions) const {
  return impl_->Decode(emissions);
}

std::vector<TagSpan> TokenTagger::Tag(ConstMatrixView emissions) const {
  return impl_->Tag(emissions);
}

}  // namespace radie
