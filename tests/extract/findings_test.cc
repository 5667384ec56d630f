#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "radie/report.h"
#include "tests/refusal.h"

namespace radie {
namespace {

Entity Named(const std::string& type) {
  Entity entity;
  entity.type = type;
  return entity;
}

TEST(AssembleFindings, AttributesAndEvidenceByTheRoleOfTheHead) {
  const std::vector<Entity> entities = {Named("site"), Named("observation"), Named("certainty"),
                                        Named("diagnosis")};
  const std::vector<bool> is_object = {false, true, false, true};
  const std::vector<Relation> relations = {
      {"modify", 2, 1, 0.9}, {"modify", 0, 1, 0.9}, {"evidence", 1, 3, 0.8}};
  const auto findings = AssembleFindings(entities, relations, is_object);
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[0].object, 1u);
  EXPECT_EQ(findings[0].attributes, (std::vector<std::size_t>{0, 2}));
  EXPECT_TRUE(findings[0].evidence.empty());
  EXPECT_EQ(findings[1].object, 3u);
  EXPECT_TRUE(findings[1].attributes.empty());
  EXPECT_EQ(findings[1].evidence, (std::vector<std::size_t>{1}));
}

// As RadGraph's located_at: the object is the head.
TEST(AssembleFindings, AnAttributeMayBeTheTail) {
  const std::vector<Entity> entities = {Named("opacity"), Named("lobe"), Named("left"),
                                        Named("effusion")};
  const std::vector<bool> is_object = {true, false, false, true};
  const std::vector<Relation> relations = {
      {"modify", 2, 1, 1}, {"located_at", 0, 1, 1}, {"suggestive_of", 0, 3, 1}};
  const auto findings = AssembleFindings(entities, relations, is_object);
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[0].attributes, (std::vector<std::size_t>{1}));
  EXPECT_TRUE(findings[0].evidence.empty());
  EXPECT_TRUE(findings[1].attributes.empty());
  EXPECT_EQ(findings[1].evidence, (std::vector<std::size_t>{0}));
}

TEST(AssembleFindings, ObjectWithoutRelationsIsAFindingAndTwoRelationsOfAPairCountOnce) {
  const std::vector<Entity> entities = {Named("a"), Named("o"), Named("o")};
  const std::vector<Relation> relations = {{"modify", 0, 2, 1}, {"other", 0, 2, 1}};
  const auto findings = AssembleFindings(entities, relations, {false, true, true});
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_TRUE(findings[0].attributes.empty());
  EXPECT_EQ(findings[1].attributes, (std::vector<std::size_t>{0}));
}

TEST(AssembleFindings, RefusesWhatDoesNotGoTogether) {
  const std::vector<Entity> entities = {Named("a"), Named("o")};
  const auto refused = [&](const std::vector<Relation>& relations, const std::vector<bool>& roles) {
    const Refusal refusal = RefusalOf([&] { AssembleFindings(entities, relations, roles); });
    if (!refusal.message.empty()) {
      EXPECT_EQ(refusal.code, ErrorCode::kInvalidArgument);
    }
    return refusal.message;
  };
  EXPECT_EQ(refused({}, {true}), "AssembleFindings: is_object is not as long as entities");
  for (const auto& [head, tail] : {std::pair(2, 1), std::pair(0, 2)}) {
    const Relation relation{"modify", static_cast<std::size_t>(head),
                            static_cast<std::size_t>(tail), 1};
    EXPECT_EQ(refused({relation}, {false, true}), "AssembleFindings: a relation names no entity");
  }
  EXPECT_EQ(refused({{"modify", 0, 1, 1}}, {false, true}), "");
}

}  // namespace
}  // namespace radie
