// Stage 1 against the same network in PyTorch: token ids, emissions, decoded paths, marginals.
#include <gtest/gtest.h>

#include <cmath>

#include "libradie/extract/tagging.h"
#include "radie/extractor.h"
#include "tests/extract/golden_cases.h"

namespace radie::internal {
namespace {

using nlohmann::json;

class TaggerGolden : public ::testing::Test {
 protected:
  // Calls visit(model, stage, sentence, emissions of its tokens) for every sentence.
  template <typename Visit>
  void ForEachSentence(const Visit& visit) const {
    ThreadPool pool(1);
    for (const json& test_case : golden_.at("cases")) {
      SCOPED_TRACE(test_case.at("model").get<std::string>());
      const auto model = LoadGolden(test_case);
      const EntityStage& stage = *model->loaded().entities;
      for (const json& text : test_case.at("texts")) {
        for (const json& sentence : text.at("sentences")) {
          RaggedBatch batch;
          batch.Add(sentence.at("ids").get<std::vector<std::int32_t>>());
          Tensor states(batch.tokens(), stage.encoder.config().hidden_size);
          stage.encoder.Encode(batch, pool, states.view());
          const Tensor emissions =
              stage.tagger.Emissions(states.view().Rows(1, batch.tokens() - 1));
          visit(test_case, stage, sentence, emissions);
        }
      }
    }
  }

  const json golden_ = ReadGoldenJson("tagger.json");
};

TEST_F(TaggerGolden, TokenIdsOfEverySentence) {
  for (const json& test_case : golden_.at("cases")) {
    SCOPED_TRACE(test_case.at("model").get<std::string>());
    const auto model = LoadGolden(test_case);
    for (const json& text : test_case.at("texts")) {
      const std::string report_text = text.at("text");
      const PreparedReport report = Prepare(report_text, model->loaded(), {});
      ASSERT_EQ(report.sentences.size(), text.at("sentences").size()) << report_text;
      for (std::size_t s = 0; s < report.sentences.size(); ++s) {
        const Tokenizer& tokenizer = *model->loaded().entities->tokenizer;
        std::vector<std::int32_t> ids = {tokenizer.cls()};
        for (const Token& token : tokenizer.Tokenize(report.normalized.text, report.sentences[s]))
          ids.push_back(token.id);
        ids.push_back(tokenizer.sep());
        EXPECT_EQ(ids, text.at("sentences")[s].at("ids").get<std::vector<std::int32_t>>());
      }
    }
  }
}

TEST_F(TaggerGolden, Emissions) {
  ForEachSentence([](const json&, const EntityStage&, const json& sentence,
                     const Tensor& emissions) {
    for (std::size_t r = 0; r < emissions.rows(); ++r) {
      for (std::size_t l = 0; l < emissions.cols(); ++l) {
        EXPECT_NEAR(emissions.view().row(r)[l], sentence.at("emissions")[r][l].get<double>(), 1e-4);
      }
    }
  });
}

TEST_F(TaggerGolden, DecodedPath) {
  ForEachSentence([](const json& test_case, const EntityStage& stage, const json& sentence,
                     const Tensor& emissions) {
    const char* path = test_case.at("constrained").get<bool>() ? "constrained_path" : "path";
    EXPECT_EQ(stage.tagger.Decode(emissions.view()),
              sentence.at(path).get<std::vector<std::size_t>>());
  });
}

// An entity's confidence is the chance of its exact span; no token can be surer of its type.
TEST_F(TaggerGolden, ConfidenceIsBoundedByEveryTokensMarginal) {
  ForEachSentence([](const json& test_case, const EntityStage& stage, const json& sentence,
                     const Tensor& emissions) {
    if (test_case.at("constrained").get<bool>()) return;  // the golden marginals are over all paths
    const std::vector<std::string> labels = test_case.at("labels");
    const auto path = stage.tagger.Decode(emissions.view());
    for (const TagSpan& span : stage.tagger.Tag(emissions.view())) {
      for (std::size_t t = span.tokens.begin; t < span.tokens.end; ++t) {
        const std::string type = labels[path[t]].substr(2);
        const json& marginals = sentence.at("marginals")[t];
        const double either = marginals[LabelIndex(labels, "B-" + type)].get<double>() +
                              marginals[LabelIndex(labels, "I-" + type)].get<double>();
        EXPECT_LE(span.confidence, either + 2e-4);
      }
    }
  });
}

}  // namespace
}  // namespace radie::internal
