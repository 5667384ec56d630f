// The relation stage's fields; absent ones are what models had before them.
#include <gtest/gtest.h>

#include "libradie/model/config.h"
#include "model_bytes.h"

namespace radie {
namespace {

using testing::Json;
using testing::WholeMetadata;
using Head = RelationsConfig::Head;

RelationsConfig ParseRelations(const Json& relations) {
  Json metadata = WholeMetadata();
  metadata["relations"].update(relations);
  return *ParseModelConfig(testing::FromBytes(testing::MetadataFile(metadata))).relations;
}

void ExpectRelationsRefused(const Json& relations, const std::string& message,
                            ErrorCode code = ErrorCode::kInvalidModel) {
  const Refusal refusal = RefusalOf([&] { ParseRelations(relations); });
  EXPECT_EQ(refusal.code, code) << message;
  EXPECT_NE(refusal.message.find(message), std::string::npos) << refusal.message;
}

TEST(RelationsConfig, AbsentFieldsAreTodaysModels) {
  const RelationsConfig config = ParseRelations(Json::object());
  EXPECT_EQ(config.head, Head::kMlp);
  EXPECT_EQ(config.head_activation, Activation::kTanh);
  EXPECT_FALSE(config.head_layer_norm_eps);
  EXPECT_TRUE(config.separator);
  EXPECT_FALSE(config.AveragesRows());
  EXPECT_FALSE(config.ReadsCls());
}

TEST(RelationsConfig, Heads) {
  RelationsConfig config = ParseRelations({{"head", "linear"}, {"head_layer_norm_eps", 1e-5}});
  EXPECT_EQ(config.head, Head::kLinear);
  EXPECT_EQ(config.head_layer_norm_eps, 1e-5f);
  EXPECT_FALSE(ParseRelations({{"head", "linear"}}).head_layer_norm_eps);
  EXPECT_EQ(ParseRelations({{"head_activation", "relu"}}).head_activation, Activation::kRelu);
  EXPECT_EQ(ParseRelations({{"head_activation", "gelu"}}).head_activation, Activation::kGeluErf);
  config = ParseRelations(
      {{"head", "r_bert"}, {"pooling", "span"}, {"combine", "cls_concat"}, {"separator", false}});
  EXPECT_EQ(config.head, Head::kRBert);
  EXPECT_EQ(config.PooledSize(), 12u);
  EXPECT_TRUE(config.AveragesRows());
  EXPECT_TRUE(config.ReadsCls());
  EXPECT_FALSE(config.separator);
  EXPECT_TRUE(ParseRelations({{"pooling", "mention"}}).AveragesRows());
  EXPECT_FALSE(ParseRelations({{"pooling", "cls"}, {"combine", "cls_concat"}}).ReadsCls());
}

TEST(RelationsConfig, RefusesUnknownWaysToRead) {
  const ErrorCode unsupported = ErrorCode::kUnsupportedModel;
  ExpectRelationsRefused({{"layout", "triple"}}, "relations.layout: \"triple\"", unsupported);
  ExpectRelationsRefused({{"pooling", "max"}}, "relations.pooling: \"max\"", unsupported);
  ExpectRelationsRefused({{"combine", "sum"}}, "relations.combine: \"sum\"", unsupported);
  ExpectRelationsRefused({{"scope", {{"kind", "page"}}}}, "relations.scope.kind: \"page\"",
                         unsupported);
  ExpectRelationsRefused({{"scope", "report"}}, "relations.scope: is no JSON object");
  ExpectRelationsRefused({{"context_tokens", -1}}, "relations.context_tokens");
  ExpectRelationsRefused({{"layout", "tail"}, {"pooling", "cls"}}, "relations.pooling");
}

TEST(RelationsConfig, SharedReadingNeedsATokenTypeForEachRole) {
  ExpectRelationsRefused(
      {{"layout", "shared"}},
      "relations.layout: \"shared\" needs 5 token types, encoder.type_vocab_size is 2");
}

TEST(RelationsConfig, LevitatedMarkersAreReadAlone) {
  for (const char* pooling : {"start", "end", "both"}) {
    const RelationsConfig config = ParseRelations({{"layout", "levitated"}, {"pooling", pooling}});
    EXPECT_EQ(config.layout, RelationsConfig::Layout::kLevitated);
    EXPECT_EQ(config.head_start.For("Att"), "<Att>");
  }
  for (const char* pooling : {"span", "mention", "cls"}) {
    ExpectRelationsRefused({{"layout", "levitated"}, {"pooling", pooling}}, "relations.pooling");
  }
  Json markers = WholeMetadata()["relations"]["markers"];
  markers["tail_start"] = "zz";
  ExpectRelationsRefused({{"layout", "levitated"}, {"pooling", "start"}, {"markers", markers}},
                         "relations.markers.tail_start: \"zz\" is not in the vocabulary");
}

TEST(RelationsConfig, SizeOfTheClassifiersInput) {
  EXPECT_EQ(ParseRelations({{"combine", "mean"}}).PooledSize(), 4u);
  EXPECT_EQ(ParseRelations({{"combine", "concat"}}).PooledSize(), 8u);
  EXPECT_EQ(ParseRelations({{"combine", "concat_product"}}).PooledSize(), 12u);
  EXPECT_EQ(ParseRelations({{"combine", "concat_product"}, {"pooling", "cls"}}).PooledSize(), 4u);
}

TEST(RelationsConfig, RefusesHeadsThatDoNotGoTogether) {
  const ErrorCode unsupported = ErrorCode::kUnsupportedModel;
  ExpectRelationsRefused({{"head", "biaffine"}}, "relations.head: \"biaffine\"", unsupported);
  ExpectRelationsRefused({{"head", 1}}, "relations.head: is no string");
  ExpectRelationsRefused({{"head_activation", "swish"}}, "relations.head_activation", unsupported);
  ExpectRelationsRefused({{"head", "linear"}, {"head_activation", "tanh"}},
                         "relations.head_activation");
  ExpectRelationsRefused({{"head_layer_norm_eps", 1e-5}},
                         "relations.head_layer_norm_eps: only of head");
  for (const Json& eps : {Json(0), Json(1e-60), Json(1.0), Json("1e-5")}) {
    ExpectRelationsRefused({{"head", "linear"}, {"head_layer_norm_eps", eps}},
                           "head_layer_norm_eps");
  }
  ExpectRelationsRefused({{"head", "r_bert"}}, "relations.head: \"r_bert\" reads [CLS]");
  ExpectRelationsRefused({{"head", "r_bert"}, {"combine", "cls_concat"}, {"pooling", "cls"}},
                         "relations.head");
  ExpectRelationsRefused({{"separator", 0}}, "relations.separator: is no boolean");
}

Json Markers(const Json& head_start) {
  Json markers = WholeMetadata()["relations"]["markers"];
  markers["head_start"] = head_start;
  return {{"markers", markers}};
}

TEST(RelationsConfig, MarkersByType) {
  const RelationsConfig config = ParseRelations(Markers({{"Att", "c"}, {"Obj", "{type}"}}));
  EXPECT_EQ(config.head_start.For("Att"), "c");
  EXPECT_EQ(config.head_start.For("Obj"), "{type}");  // no pattern, and never needed here
  EXPECT_FALSE(config.head_start.For("Other"));
  EXPECT_EQ(config.head_end.For("Att"), "</Att>");
  ExpectRelationsRefused(Markers({{"Obj", "c"}}),
                         "relations.markers.head_start: has no token for \"Att\"");
  ExpectRelationsRefused(Markers({{"Att", "zz"}}),
                         "relations.markers.head_start: \"zz\" is not in the vocabulary");
  ExpectRelationsRefused(Markers({{"Att", 3}}), "relations.markers.head_start.Att: is no string");
  ExpectRelationsRefused(Markers({{"Att", "c"}, {"Ott", "c"}}),
                         "relations.markers.head_start.Ott: is no entity type");
  ExpectRelationsRefused(Markers(Json::object()), "relations.markers.head_start: holds no token");
  ExpectRelationsRefused(Markers(Json::array({"c"})), "relations.markers.head_start: is no string");
}

}  // namespace
}  // namespace radie
