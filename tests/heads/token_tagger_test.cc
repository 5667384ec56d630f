#include "libradie/heads/token_tagger.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "every_path.h"
#include "golden_model.h"
#include "radie/error.h"

namespace radie {
namespace {

using testing::GoldenJson;
using testing::GoldenModel;
using Path = std::vector<std::size_t>;

TokenTagger MakeTagger(GoldenModel& model, const EntitiesConfig& config) {
  const kernels::KernelSet& kernels = *kernels::FindKernelSet("portable");
  return TokenTagger(model.weights, "entities.", config, model.config.schema, kernels);
}

// Emissions as the golden file has them, one row a token.
struct Emissions {
  explicit Emissions(const nlohmann::json& rows) : length(rows.size()) {
    for (const auto& row : rows) {
      for (float value : row) values.push_back(value);
    }
  }
  ConstMatrixView view() const {
    const std::size_t labels = length == 0 ? 0 : values.size() / length;
    return {values.data(), length, labels, labels};
  }
  std::size_t length;
  std::vector<float> values;
};

TEST(TokenTagger, DecodesAsPytorchCrfWithAndWithoutConstraints) {
  std::size_t sentences = 0;
  const nlohmann::json golden = GoldenJson("tagger.json");
  for (const auto& c : golden["cases"]) {
    GoldenModel model(c["model"]);
    EntitiesConfig config = *model.config.entities;
    EXPECT_EQ(config.constrained, c["constrained"].get<bool>());
    EXPECT_EQ(config.labels, c["labels"].get<std::vector<std::string>>());
    config.constrained = true;
    const TokenTagger constrained = MakeTagger(model, config);
    config.constrained = false;
    const TokenTagger free = MakeTagger(model, config);
    for (const auto& text : c["texts"]) {
      for (const auto& sentence : text["sentences"]) {
        const Emissions emissions(sentence["emissions"]);
        EXPECT_EQ(constrained.Decode(emissions.view()), sentence["constrained_path"].get<Path>());
        EXPECT_EQ(free.Decode(emissions.view()), sentence["path"].get<Path>());
        ++sentences;
      }
    }
  }
  EXPECT_GT(sentences, 4u);
}

TEST(TokenTagger, MarginalsAgreeWithPytorchCrf) {
  const nlohmann::json golden = GoldenJson("tagger.json");
  for (const auto& c : golden["cases"]) {
    const GoldenModel model(c["model"]);
    const std::size_t labels = c["labels"].size();
    const bool has_crf = model.config.entities->head == EntitiesConfig::Head::kCrf;
    const Crf crf = has_crf ? Crf(model.Floats("entities.crf.start_transitions"),
                                  model.Floats("entities.crf.end_transitions"),
                                  model.Floats("entities.crf.transitions"))
                            : Crf(std::vector<float>(labels), std::vector<float>(labels),
                                  std::vector<float>(labels * labels));
    for (const auto& text : c["texts"]) {
      for (const auto& sentence : text["sentences"]) {
        const Emissions emissions(sentence["emissions"]);
        const CrfMarginals marginals(crf, emissions.view());
        for (std::size_t i = 0; i < emissions.length; ++i) {
          for (std::size_t label = 0; label < labels; ++label) {
            EXPECT_NEAR(marginals.Probability(i, Path{label}),
                        sentence["marginals"][i][label].get<double>(), 5e-5);
          }
        }
      }
    }
  }
}

TEST(TokenTagger, TagsWhatItDecodes) {
  const nlohmann::json golden = GoldenJson("tagger.json");
  for (const auto& c : golden["cases"]) {
    GoldenModel model(c["model"]);
    const TokenTagger tagger = MakeTagger(model, *model.config.entities);
    for (const auto& text : c["texts"]) {
      for (const auto& sentence : text["sentences"]) {
        const Emissions emissions(sentence["emissions"]);
        const Path path = tagger.Decode(emissions.view());
        std::size_t end = 0;
        for (const TagSpan& span : tagger.Tag(emissions.view())) {
          EXPECT_GE(span.tokens.begin, end);
          for (; end < span.tokens.begin; ++end) EXPECT_EQ(path[end], 0u);  // O between
          end = span.tokens.end;
          const std::string& type = model.config.schema.entity_types[span.type].name;
          EXPECT_EQ(model.config.entities->labels[path[end - 1]].substr(2), type);
          EXPECT_GT(span.confidence, 0);
          EXPECT_LE(span.confidence, 1);
        }
        for (; end < path.size(); ++end) EXPECT_EQ(path[end], 0u);
      }
    }
  }
}

TEST(TokenTagger, ConfidenceIsTheProbabilityOfExactlyTheSpan) {
  GoldenModel model("tagger_softmax.radie");
  EntitiesConfig config = *model.config.entities;  // labels 0 O, 1 B-, 2 I- of type 0, …
  config.constrained = false;
  const TokenTagger tagger = MakeTagger(model, config);
  // A softmax head: positions are independent. P(1) = 0.7, P(2) = 0.2, P(0) = 0.1 at the first; …
  const double p[3][3] = {{0.1, 0.7, 0.2}, {0.2, 0.2, 0.6}, {0.5, 0.2, 0.3}};
  std::vector<float> emissions(3 * config.labels.size(), -1e4f);
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t l = 0; l < 3; ++l) {
      emissions[i * config.labels.size() + l] = static_cast<float>(std::log(p[i][l]));
    }
  }
  const std::vector<TagSpan> spans =
      tagger.Tag({emissions.data(), 3, config.labels.size(), config.labels.size()});
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(spans[0].tokens, (TokenRange{0, 2}));
  EXPECT_EQ(spans[0].type, 0u);
  EXPECT_NEAR(spans[0].confidence, (0.7 + 0.2) * 0.6 * (0.5 + 0.2), 1e-6);

  config.constrained = true;  // paths that begin with I-, or have it after O, are no paths
  const std::vector<TagSpan> strict =
      MakeTagger(model, config)
          .Tag({emissions.data(), 3, config.labels.size(), config.labels.size()});
  ASSERT_EQ(strict.size(), 1u);
  const double outside = 0.1 * (0.2 * 0.7 + 0.2), inside = 0.7 * (0.2 * 0.7 + 0.2 + 0.6);
  EXPECT_NEAR(strict[0].confidence, 0.7 * 0.6 * 0.7 / (outside + inside), 1e-6);
}

TEST(TokenTagger, SpecialTokensAreInThePathAndNotRead) {
  GoldenModel model("tagger_softmax.radie");
  EntitiesConfig config = *model.config.entities;
  config.constrained = false;
  config.special_tokens_in_path = true;
  const TokenTagger tagger = MakeTagger(model, config);
  const std::size_t labels = config.labels.size();
  std::vector<float> emissions(4 * labels, -50.0f);
  // B- I- I- I-: the first and the last stand for [CLS] and [SEP].
  for (std::size_t row : {0, 1, 2, 3}) emissions[row * labels + (row == 0 ? 1 : 2)] = 0;
  const std::vector<TagSpan> spans = tagger.Tag({emissions.data(), 4, labels, labels});
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(spans[0].tokens, (TokenRange{0, 2}));
  EXPECT_NEAR(spans[0].confidence, 1, 1e-6);
  EXPECT_EQ(tagger.Decode({emissions.data(), 4, labels, labels}), (Path{1, 2, 2, 2}));
  EXPECT_TRUE(tagger.Tag({emissions.data(), 2, labels, labels}).empty());
}

TEST(TokenTagger, EmissionsAreTheLinearLayer) {
  GoldenModel model("tagger_crf.radie");
  const EntitiesConfig& config = *model.config.entities;
  const TokenTagger tagger = MakeTagger(model, config);
  const std::size_t hidden = config.encoder.hidden_size, labels = config.labels.size();
  std::mt19937 random(12);
  const std::vector<float> states = testing::RandomFloats(random, 3 * hidden, 1);
  const Tensor emissions = tagger.Emissions({states.data(), 3, hidden, hidden});
  ASSERT_EQ(emissions.rows(), 3u);
  ASSERT_EQ(emissions.cols(), labels);
  const std::vector<float> weight = model.Floats("entities.classifier.weight");
  const std::vector<float> bias = model.Floats("entities.classifier.bias");
  for (std::size_t r = 0; r < 3; ++r) {
    for (std::size_t l = 0; l < labels; ++l) {
      double sum = bias[l];
      for (std::size_t h = 0; h < hidden; ++h) {
        sum += double(weight[l * hidden + h]) * double(states[r * hidden + h]);
      }
      EXPECT_NEAR(emissions.view().row(r)[l], sum, 1e-5);
    }
  }
  EXPECT_EQ(tagger.Emissions({states.data(), 0, hidden, hidden}).rows(), 0u);
  EXPECT_TRUE(tagger.Tag({states.data(), 0, labels, labels}).empty());
}

TEST(TokenTagger, RefusesAModelWithoutItsTensors) {
  GoldenModel model("tagger_softmax.radie");
  EntitiesConfig config = *model.config.entities;
  config.head = EntitiesConfig::Head::kCrf;
  EXPECT_THROW(MakeTagger(model, config), Error);
  config = *model.config.entities;
  config.labels.pop_back();
  EXPECT_THROW(MakeTagger(model, config), Error);
}

// Against a CRF and emissions that were divided beforehand; the spans stay, confidences move.
TEST(TokenTagger, TemperatureMovesConfidencesAndNoSpan) {
  const nlohmann::json golden = GoldenJson("tagger.json");
  std::size_t spans = 0, moved = 0;
  for (const auto& c : golden["cases"]) {
    GoldenModel model(c["model"]);
    EntitiesConfig config = *model.config.entities;
    const TokenTagger plain = MakeTagger(model, config);
    config.temperature = 1;
    const TokenTagger same = MakeTagger(model, config);
    config.temperature = 2.5;
    const TokenTagger cooled = MakeTagger(model, config);
    for (const auto& text : c["texts"]) {
      for (const auto& sentence : text["sentences"]) {
        const Emissions emissions(sentence["emissions"]);
        const auto expected = plain.Tag(emissions.view()), kept = same.Tag(emissions.view());
        const auto found = cooled.Tag(emissions.view());
        ASSERT_EQ(found.size(), expected.size());
        for (std::size_t i = 0; i < found.size(); ++i) {
          EXPECT_EQ(found[i].tokens.begin, expected[i].tokens.begin);
          EXPECT_EQ(found[i].tokens.end, expected[i].tokens.end);
          EXPECT_EQ(found[i].type, expected[i].type);
          EXPECT_EQ(kept[i].confidence, expected[i].confidence);
          EXPECT_GT(found[i].confidence, 0);
          EXPECT_LE(found[i].confidence, 1);
          moved += found[i].confidence != expected[i].confidence ? 1 : 0;
          ++spans;
        }
      }
    }
  }
  EXPECT_GT(spans, 4u);
  EXPECT_EQ(moved, spans);
}

}  // namespace
}  // namespace radie
