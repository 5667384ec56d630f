#include "libradie/model/config.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "model_bytes.h"

namespace radie {
namespace {

using testing::FromBytes;
using testing::Json;
using testing::MetadataFile;
using testing::WholeMetadata;

ModelConfig Parse(const Json& metadata) {
  return ParseModelConfig(FromBytes(MetadataFile(metadata)));
}

// The well-formed model with one thing changed must be refused in such words.
void ExpectRefused(const std::function<void(Json&)>& change, const std::string& part,
                   ErrorCode code = ErrorCode::kInvalidModel) {
  Json metadata = WholeMetadata();
  change(metadata);
  const Refusal refusal = RefusalOf([&] { Parse(metadata); });
  EXPECT_EQ(refusal.code, code) << refusal.message << " | " << part;
  EXPECT_NE(refusal.message.find(part), std::string::npos) << refusal.message << " | " << part;
}

void ExpectUnsupported(const std::function<void(Json&)>& change, const std::string& part) {
  ExpectRefused(change, part, ErrorCode::kUnsupportedModel);
}

TEST(ModelConfig, ReadsEveryField) {
  const ModelConfig config = Parse(WholeMetadata());
  EXPECT_EQ(config.name, "tiny");
  EXPECT_EQ(config.version, "3");
  EXPECT_EQ(config.license, "Apache-2.0");
  EXPECT_EQ(config.description, "made in a test");
  EXPECT_EQ(config.sources, std::vector<std::string>{"entities a.bin 00ff"});
  EXPECT_EQ(config.normalization_name, "radiology-ja");
  EXPECT_EQ(config.sentences, "none");
  EXPECT_EQ(config.vocabularies.at("shared").size(), 11u);
  EXPECT_FALSE(config.encoder);

  ASSERT_TRUE(config.entities);
  const EncoderConfig& encoder = config.entities->encoder;
  EXPECT_EQ(encoder.layers, 1u);
  EXPECT_EQ(encoder.hidden_size, 4u);
  EXPECT_EQ(encoder.attention_heads, 2u);
  EXPECT_EQ(encoder.intermediate_size, 8u);
  EXPECT_EQ(encoder.vocab_size, 11u);
  EXPECT_EQ(encoder.max_positions, 16u);
  EXPECT_EQ(encoder.type_vocab_size, 2u);
  EXPECT_EQ(encoder.activation, Activation::kGeluErf);
  EXPECT_EQ(encoder.activation_name, "gelu");
  EXPECT_EQ(encoder.layer_norm_eps, 1e-12f);
  EXPECT_EQ(config.entities->labels.size(), 5u);
  EXPECT_EQ(config.entities->head, EntitiesConfig::Head::kCrf);
  EXPECT_TRUE(config.entities->constrained);

  ASSERT_TRUE(config.relations);
  const RelationsConfig& relations = *config.relations;
  EXPECT_EQ(relations.labels, (std::vector<std::string>{"none", "modify"}));
  EXPECT_EQ(relations.layout, RelationsConfig::Layout::kPair);
  EXPECT_EQ(relations.head_end.pattern, "</{type}>");
  EXPECT_EQ(relations.pooling, RelationsConfig::Pooling::kBoth);
  EXPECT_EQ(relations.combine, RelationsConfig::Combine::kConcat);
  EXPECT_EQ(relations.PooledSize(), 8u);
  EXPECT_EQ(relations.context_tokens, 6u);
  EXPECT_EQ(relations.scope, RelationsConfig::Scope::kTokens);
  EXPECT_EQ(relations.scope_limit, 9u);
}

TEST(ModelConfig, ReadsHowATaggerLabels) {
  Json metadata = WholeMetadata();
  const EntitiesConfig plain = *Parse(metadata).entities;
  EXPECT_EQ(plain.scheme, LabelScheme::kIob2);
  EXPECT_FALSE(plain.special_tokens_in_path);
  EXPECT_EQ(plain.subwords, EntitiesConfig::Subwords::kAll);

  Json& stage = metadata["entities"];
  stage["labels"] = {"[CLS]", "O", "B-Obj", "I-Obj", "E-Obj", "S-Att"};
  EXPECT_NE(RefusalOf([&] { Parse(metadata); }).message.find("none of O, B-TYPE, I-TYPE"),
            std::string::npos);
  stage["scheme"] = "bioes";
  stage["special_tokens_in_path"] = true;
  stage["subwords"] = "last";
  EXPECT_NE(RefusalOf([&] { Parse(metadata); }).message.find("has no pieces that begin with ##"),
            std::string::npos);
  stage["tokenizer"]["profile"] = "bert-basic";
  const EntitiesConfig config = *Parse(metadata).entities;
  EXPECT_EQ(config.scheme, LabelScheme::kBioes);
  EXPECT_TRUE(config.special_tokens_in_path);
  EXPECT_EQ(config.subwords, EntitiesConfig::Subwords::kLast);

  stage["scheme"] = "iob3";
  EXPECT_EQ(RefusalOf([&] { Parse(metadata); }).code, ErrorCode::kUnsupportedModel);
  stage["scheme"] = "io";
  EXPECT_NE(RefusalOf([&] { Parse(metadata); }).message.find("none of O, I-TYPE"),
            std::string::npos);
  stage["scheme"] = "bioes";
  stage["subwords"] = "middle";
  EXPECT_EQ(RefusalOf([&] { Parse(metadata); }).code, ErrorCode::kUnsupportedModel);
}

TEST(ModelConfig, ReadsTheSchema) {
  const Schema schema = Parse(WholeMetadata()).schema;
  EXPECT_EQ(schema.name, "two");
  EXPECT_EQ(schema.FindEntityType("Att"), 1u);
  EXPECT_EQ(schema.FindEntityType("att"), std::nullopt);
  EXPECT_TRUE(schema.entity_types[0].is_object);
  EXPECT_FALSE(schema.entity_types[1].is_object);
  EXPECT_TRUE(schema.Allows(0, 1, 0));
  EXPECT_FALSE(schema.Allows(0, 0, 1));
  EXPECT_FALSE(schema.Allows(0, 1, 1));
}

TEST(ModelConfig, ReadsTokenizerOptions) {
  Json metadata = WholeMetadata();
  Json& tokenizer = metadata["entities"]["tokenizer"];
  tokenizer["profile"] = "bert-basic";
  tokenizer["do_lower_case"] = false;
  tokenizer["strip_accents"] = nullptr;
  tokenizer["tokenize_chinese_chars"] = false;
  tokenizer["max_input_chars_per_word"] = 7;
  const ModelConfig config = Parse(metadata);
  const TokenizerSettings& settings = config.entities->tokenizer;
  EXPECT_EQ(settings.profile, "bert-basic");
  EXPECT_FALSE(settings.do_lower_case);
  EXPECT_FALSE(settings.strip_accents);
  EXPECT_FALSE(settings.tokenize_chinese_chars);
  EXPECT_EQ(settings.max_input_chars_per_word, 7u);
  EXPECT_TRUE(config.relations->tokenizer.do_lower_case);
  EXPECT_TRUE(config.relations->tokenizer.strip_accents);
  EXPECT_EQ(config.relations->tokenizer.max_input_chars_per_word, 100u);
  metadata["entities"]["tokenizer"]["strip_accents"] = true;
  EXPECT_TRUE(Parse(metadata).entities->tokenizer.strip_accents);
}

TEST(ModelConfig, StagesMayStandAlone) {
  Json metadata = WholeMetadata();
  metadata.erase("relations");
  EXPECT_FALSE(Parse(metadata).relations);
  metadata = WholeMetadata();
  metadata.erase("entities");
  EXPECT_FALSE(Parse(metadata).entities);
  metadata["encoder"] = {{"encoder", metadata["relations"]["encoder"]}};
  metadata.erase("relations");
  metadata.erase("schema");
  metadata.erase("vocab.shared");
  const ModelConfig config = Parse(metadata);
  ASSERT_TRUE(config.encoder);
  EXPECT_FALSE(config.encoder->tokenizer);
  EXPECT_TRUE(config.schema.entity_types.empty());
}

TEST(ModelConfig, IgnoresUnknownKeys) {
  Json metadata = WholeMetadata();
  metadata["note"] = "anything";
  metadata["entities"]["note"] = 3;
  metadata["entities"]["encoder"]["hidden_dropout_prob"] = 0.1;
  EXPECT_NO_THROW(Parse(metadata));
}

TEST(ModelConfig, EachMissingFieldIsNamed) {
  const std::vector<std::string> required = {"format",
                                             "format_version",
                                             "model",
                                             "model.name",
                                             "model.version",
                                             "model.license",
                                             "model.description",
                                             "model.sources",
                                             "text",
                                             "text.normalization",
                                             "text.sentences",
                                             "schema",
                                             "schema.name",
                                             "schema.entity_types",
                                             "schema.relation_types",
                                             "entities.encoder",
                                             "entities.encoder.hidden_size",
                                             "entities.encoder.num_hidden_layers",
                                             "entities.encoder.num_attention_heads",
                                             "entities.encoder.intermediate_size",
                                             "entities.encoder.vocab_size",
                                             "entities.encoder.max_position_embeddings",
                                             "entities.encoder.type_vocab_size",
                                             "entities.encoder.hidden_act",
                                             "entities.encoder.layer_norm_eps",
                                             "entities.tokenizer",
                                             "entities.tokenizer.profile",
                                             "entities.tokenizer.vocab",
                                             "entities.tokenizer.unk_token",
                                             "entities.tokenizer.cls_token",
                                             "entities.tokenizer.sep_token",
                                             "entities.labels",
                                             "entities.head",
                                             "relations.encoder",
                                             "relations.tokenizer",
                                             "relations.labels",
                                             "relations.layout",
                                             "relations.markers",
                                             "relations.markers.head_start",
                                             "relations.markers.head_end",
                                             "relations.markers.tail_start",
                                             "relations.markers.tail_end",
                                             "relations.pooling",
                                             "relations.combine",
                                             "relations.context_tokens",
                                             "relations.scope",
                                             "relations.scope.kind",
                                             "relations.scope.limit"};
  for (const std::string& path : required) {
    const std::size_t dot = path.rfind('.');
    ExpectRefused(
        [&](Json& metadata) {
          if (dot == std::string::npos) {
            metadata.erase(path);
            return;
          }
          std::string parent = "/" + path.substr(0, dot);
          std::replace(parent.begin(), parent.end(), '.', '/');
          metadata[Json::json_pointer(parent)].erase(path.substr(dot + 1));
        },
        path);
  }
}

TEST(ModelConfig, RefusesForeignFilesAndOtherVersions) {
  ExpectRefused([](Json& m) { m["format"] = "pt"; }, "no radie model");
  ExpectUnsupported([](Json& m) { m["format_version"] = "2"; }, "format_version: \"2\"");
  ExpectRefused([](Json& m) { m["model"] = "{"; }, "metadata \"model\": not valid JSON at byte 1");
  ExpectRefused([](Json& m) { m["text"] = "[]"; }, "text: no JSON object");
  ExpectRefused([](Json& m) { m["text"] = R"({"sentences":"a","sentences":"b"})"; },
                "duplicate key");
  ExpectRefused([](Json& m) { m["encoder"] = m["entities"]; }, "stands beside another stage");
  ExpectRefused(
      [](Json& m) {
        m.erase("entities");
        m.erase("relations");
      },
      "no stage");
}

TEST(ModelConfig, RefusesAVocabularyThatDoesNotFit) {
  ExpectRefused([](Json& m) { m["vocab.shared"].erase(4); },
                "\"shared\" holds 10 tokens, encoder.vocab_size is 11");
  ExpectRefused([](Json& m) { m["vocab.shared"].push_back("d"); }, "holds 12 tokens");
  ExpectRefused([](Json& m) { m["vocab.shared"][2] = "x"; },
                "entities.tokenizer.cls_token: \"[CLS]\" is not in the vocabulary");
  ExpectRefused([](Json& m) { m["vocab.shared"][2] = 2; }, "metadata \"vocab.shared\"[2]");
  ExpectRefused([](Json& m) { m["vocab.shared"] = "{}"; }, "is no array");
  ExpectRefused(
      [](Json& m) {
        for (int i = 0; i < 8; ++i) m["vocab.unused" + std::to_string(i)] = Json::array({"a"});
      },
      "more than 8 vocab.* keys");
  ExpectRefused([](Json& m) { m["relations"]["tokenizer"]["vocab"] = "own"; },
                "relations.tokenizer.vocab: metadata has no vocabulary \"own\"");
  ExpectUnsupported([](Json& m) { m["entities"]["tokenizer"]["profile"] = "mecab"; },
                    "entities.tokenizer.profile: \"mecab\"");
  ExpectRefused([](Json& m) { m["entities"]["tokenizer"]["do_lower_case"] = 1; }, "no boolean");
}

TEST(ModelConfig, RefusesLabelsThatDoNotFitTheSchema) {
  auto labels = [](const char* stage, std::vector<std::string> names) {
    return [=](Json& m) { m[stage]["labels"] = names; };
  };
  ExpectRefused(labels("entities", {"O", "B-Obj", "I-Objx"}), "\"I-Objx\" is none of O");
  ExpectRefused(labels("entities", {"O", "E-Obj"}), "\"E-Obj\" is none of O");
  ExpectRefused(labels("entities", {"O", "B-"}), "\"B-\" is none of O");
  ExpectRefused(labels("entities", {"B-Obj", "I-Obj"}), "label O is missing");
  ExpectRefused(labels("entities", {"O", "B-Obj", "B-Obj"}), "\"B-Obj\" stands there twice");
  ExpectRefused(labels("relations", {"modify"}), "\"none\" is missing");
  ExpectRefused(labels("relations", {"none"}), "\"modify\" is missing");
  ExpectRefused(labels("relations", {"none", "modify", "other"}), "\"other\" is no relation type");
  ExpectRefused(labels("relations", {"none", "none", "modify"}), "twice");
  ExpectUnsupported(labels("entities", std::vector<std::string>(1'025, "O")), "at most 1024");
}

TEST(ModelConfig, RefusesABrokenSchema) {
  auto set = [](const char* pointer, Json value) {
    return [=](Json& m) { m["schema"][Json::json_pointer(pointer)] = value; };
  };
  ExpectUnsupported(set("/entity_types/0/role", "thing"), "schema.entity_types[0].role: \"thing\"");
  ExpectRefused(set("/entity_types/1/name", "Obj"), "schema.entity_types[1].name: \"Obj\" stands");
  ExpectRefused(set("/entity_types/1/name", ""), "is empty");
  ExpectRefused(set("/entity_types", Json::array()), "schema.entity_types: is empty");
  ExpectUnsupported(set("/entity_types/0/certainty", "maybe"),
                    "schema.entity_types[0].certainty: \"maybe\"");
  ExpectRefused(set("/entity_types/0/certainty", 1), "schema.entity_types[0].certainty: is no");
  ExpectRefused(set("/entity_types/1/certainty", "denial"),
                "schema.entity_types[1].certainty: only an object has one");
  ExpectRefused(set("/entity_types/1", "Att"), "schema.entity_types[1]: no JSON object");
  ExpectRefused(set("/relation_types/0/name", "none"), "the label of no relation");
  ExpectRefused(set("/relation_types/0/heads", Json::array({"Ott"})),
                "schema.relation_types[0].heads: \"Ott\" is no entity type");
  ExpectRefused(set("/relation_types/0/tails", "Obj"), "tails: is no array");
}

TEST(ModelConfig, RefusesAnUnknownTaggingHead) {
  ExpectUnsupported([](Json& m) { m["entities"]["head"] = "span"; }, "entities.head: \"span\"");
}

TEST(ModelConfig, OnlyTheMarkersThatCanAriseAreNeeded) {
  ExpectRefused([](Json& m) { m["vocab.shared"][9] = "d"; },
                "relations.markers.head_start: \"<Att>\" is not in the vocabulary");
  ExpectRefused([](Json& m) { m["vocab.shared"][8] = "d"; },
                "relations.markers.tail_end: \"</Obj>\" is not in the vocabulary");
  ExpectRefused([](Json& m) { m["relations"]["markers"]["head_end"] = "{type}{type}"; },
                "head_end: \"AttAtt\"");
  Json metadata = WholeMetadata();
  Json& markers = metadata["relations"]["markers"];
  markers["tail_start"] = "<T:{type}>";  // Obj alone can be a tail
  metadata["vocab.shared"][7] = "<T:Obj>";
  EXPECT_NO_THROW(Parse(metadata));
  metadata["relations"]["layout"] = "tail";  // now another Obj in the window has a head marker
  const Refusal refusal = RefusalOf([&] { Parse(metadata); });
  EXPECT_NE(refusal.message.find("head_start: \"<Obj>\""), std::string::npos) << refusal.message;
}

TEST(ModelConfig, TemperatureIsOneUnlessSaid) {
  Json metadata = WholeMetadata();
  EXPECT_EQ(Parse(metadata).entities->temperature, 1);
  EXPECT_EQ(Parse(metadata).relations->temperature, 1);
  metadata["entities"]["temperature"] = 1.25;
  metadata["relations"]["temperature"] = 2;
  EXPECT_EQ(Parse(metadata).entities->temperature, 1.25);
  EXPECT_EQ(Parse(metadata).relations->temperature, 2);
  for (const char* stage : {"entities", "relations"}) {
    for (const Json& bad : {Json(0), Json(-1), Json(0.001), Json(1000)}) {
      ExpectRefused([&](Json& m) { m[stage]["temperature"] = bad; },
                    std::string(stage) + ".temperature");
    }
    ExpectRefused([&](Json& m) { m[stage]["temperature"] = "warm"; },
                  std::string(stage) + ".temperature");
  }
}

}  // namespace
}  // namespace radie
