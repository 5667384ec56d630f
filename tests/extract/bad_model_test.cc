// What goes wrong when a model file is put together by hand or from a checkpoint that is not whole:
// each a clear error of the loader.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "radie/model.h"
#include "tests/refusal.h"

namespace radie {
namespace {

using Json = nlohmann::ordered_json;

// A golden model file taken apart.
struct ModelParts {
  std::map<std::string, std::string> metadata;
  std::vector<std::string> names;                    // tensors, in file order
  std::map<std::string, std::vector<int>> shapes;    // of each tensor
  std::map<std::string, std::vector<float>> values;  // likewise; F32

  explicit ModelParts(const std::string& name) {
    std::ifstream file(RADIE_SOURCE_DIR "/tests/golden/" + name + ".radie", std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    std::uint64_t size = 0;
    std::memcpy(&size, bytes.data(), 8);
    const Json header = Json::parse(bytes.substr(8, size));
    for (const auto& item : header.items()) {
      if (item.key() == "__metadata__") {
        metadata = item.value().get<std::map<std::string, std::string>>();
        continue;
      }
      names.push_back(item.key());
      shapes[item.key()] = item.value()["shape"].get<std::vector<int>>();
      const auto begin = item.value()["data_offsets"][0].get<std::size_t>();
      const auto end = item.value()["data_offsets"][1].get<std::size_t>();
      std::vector<float>& floats = values[item.key()];
      floats.resize((end - begin) / 4);
      std::memcpy(floats.data(), bytes.data() + 8 + size + begin, end - begin);
    }
  }

  // The metadata value as JSON, changed.
  void Change(const std::string& key, const std::function<void(Json&)>& change) {
    Json value = Json::parse(metadata.at(key));
    change(value);
    metadata[key] = value.dump();
  }

  // The tensor cut down, or filled up with zeros, to another shape.
  void Reshape(const std::string& name, const std::vector<int>& shape) {
    std::size_t count = 1;
    for (const int size : shape) count *= static_cast<std::size_t>(size);
    shapes.at(name) = shape;
    values.at(name).resize(count);
  }

  std::string Bytes() const {
    Json header = Json::object();
    header["__metadata__"] = metadata;
    std::string buffer;
    for (const std::string& name : names) {
      const std::vector<float>& floats = values.at(name);
      const std::size_t begin = buffer.size();
      buffer.append(reinterpret_cast<const char*>(floats.data()), floats.size() * 4);
      Json facts = Json::object();
      facts["dtype"] = "F32";
      facts["shape"] = shapes.at(name);
      facts["data_offsets"] = Json::array({begin, buffer.size()});
      header[name] = facts;
    }
    std::string text = header.dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');
    std::string bytes(8, '\0');
    const std::uint64_t size = text.size();
    std::memcpy(bytes.data(), &size, 8);
    return bytes + text + buffer;
  }
};

// The message of the error that loading gives; empty when there is none.
std::string WhyNotLoaded(const ModelParts& parts, ErrorCode code = ErrorCode::kInvalidModel,
                         const LoadOptions& options = {}) {
  const std::string bytes = parts.Bytes();
  const Refusal refusal =
      RefusalOf([&] { Model::LoadFromMemory(bytes.data(), bytes.size(), options); });
  if (!refusal.message.empty()) {
    EXPECT_EQ(refusal.code, code) << refusal.message;
  }
  return refusal.message;
}

const std::string kTagger = "tagger_crf", kRelation = "relation_pair_start_mean";

TEST(BadModelTest, AnUnchangedModelLoads) {
  EXPECT_EQ(WhyNotLoaded(ModelParts(kTagger)), "");
  EXPECT_EQ(WhyNotLoaded(ModelParts(kRelation)), "");
}

TEST(BadModelTest, AMissingVocabularyLine) {
  ModelParts parts(kTagger);
  parts.Change("vocab.entities", [](Json& tokens) { tokens.erase(tokens.size() - 1); });
  EXPECT_EQ(WhyNotLoaded(parts),
            "entities.tokenizer.vocab: \"entities\" holds 127 tokens, encoder.vocab_size is 128");
  // Where the settings were made to fit, the table does not.
  parts.Change("entities", [](Json& stage) { stage["encoder"]["vocab_size"] = 127; });
  const std::string message = WhyNotLoaded(parts);
  EXPECT_NE(message.find("entities.bert.embeddings.word_embeddings.weight"), message.npos)
      << message;
  EXPECT_NE(message.find("[128, 16]"), message.npos) << message;
  EXPECT_NE(message.find("[127, 16]"), message.npos) << message;
}

TEST(BadModelTest, LabelsThatDoNotFitTheClassifier) {
  ModelParts tagger(kTagger);
  tagger.Change("entities", [](Json& stage) { stage["labels"].erase(14); });
  std::string message = WhyNotLoaded(tagger);
  EXPECT_NE(message.find("entities.classifier.weight"), message.npos) << message;
  EXPECT_NE(message.find("[15, 16]"), message.npos) << message;
  EXPECT_NE(message.find("[14, 16]"), message.npos) << message;

  ModelParts relation(kRelation);
  relation.Reshape("relations.classifier.out_proj.weight", {2, 16});
  message = WhyNotLoaded(relation);
  EXPECT_NE(message.find("relations.classifier.out_proj.weight"), message.npos) << message;
  EXPECT_NE(message.find("[2, 16]"), message.npos) << message;
  EXPECT_NE(message.find("[3, 16]"), message.npos) << message;
}

TEST(BadModelTest, TransitionsOfTheWrongSize) {
  for (const auto& [name, shape] : std::vector<std::pair<std::string, std::vector<int>>>{
           {"entities.crf.transitions", {15, 14}},
           {"entities.crf.transitions", {225}},
           {"entities.crf.transitions", {17, 17}},
           {"entities.crf.start_transitions", {14}},
           {"entities.crf.end_transitions", {16}}}) {
    ModelParts parts(kTagger);
    parts.Reshape(name, shape);
    const std::string message = WhyNotLoaded(parts);
    EXPECT_NE(message.find(name), message.npos) << message;
    EXPECT_NE(message.find("15"), message.npos) << message;
    EXPECT_NE(message.find(std::to_string(shape.back())), message.npos) << message;
  }
}

TEST(BadModelTest, WeightsThatAreNotFinite) {
  for (const std::string& model : {kTagger, kRelation}) {
    const ModelParts whole(model);
    for (const std::string& name : whole.names) {
      for (const float value : {std::nanf(""), HUGE_VALF, -HUGE_VALF}) {
        ModelParts parts(whole);
        parts.values[name].back() = value;
        EXPECT_EQ(WhyNotLoaded(parts), "tensor \"" + name + "\": element " +
                                           std::to_string(parts.values[name].size() - 1) +
                                           " is not finite");
      }
    }
  }
}

TEST(BadModelTest, AVocabularyWithoutAToken) {
  for (const auto& [key, token] : std::vector<std::pair<std::string, std::string>>{
           {"unk_token", "[UNK]"}, {"cls_token", "[CLS]"}, {"sep_token", "[SEP]"}}) {
    ModelParts parts(kTagger);
    parts.Change("vocab.entities", [&token = token](Json& tokens) {
      std::replace(tokens.begin(), tokens.end(), Json(token), Json("[other]"));
    });
    EXPECT_EQ(WhyNotLoaded(parts),
              "entities.tokenizer." + key + ": \"" + token + "\" is not in the vocabulary");
  }
  ModelParts parts(kRelation);
  parts.Change("vocab.relations", [](Json& tokens) {
    std::replace(tokens.begin(), tokens.end(), Json("</Size_descriptor>"), Json("[other]"));
  });
  const std::string message = WhyNotLoaded(parts);
  EXPECT_NE(message.find("relations.markers.head_end"), message.npos) << message;
  EXPECT_NE(message.find("</Size_descriptor>"), message.npos) << message;
}

#if defined(RADIE_WITH_MECAB)
TEST(BadModelTest, ADictionaryThatIsNotThere) {
  ModelParts parts(kTagger);
  parts.Change("entities", [](Json& stage) {
    stage["tokenizer"]["profile"] = "bert-ja-mecab-ipadic";
    stage["tokenizer"]["dictionary"] = "no-such-dictionary";
  });
  const std::string message = WhyNotLoaded(parts, ErrorCode::kIo);
  EXPECT_NE(message.find("no-such-dictionary"), message.npos) << message;
  EXPECT_NE(message.find("--dictionary"), message.npos) << message;
  LoadOptions options;
  options.mecab_dictionary = "/no/such/folder";
  EXPECT_NE(WhyNotLoaded(parts, ErrorCode::kIo, options).find("/no/such/folder"),
            std::string::npos);
}
#endif

}  // namespace
}  // namespace radie
