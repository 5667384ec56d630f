// AttachCertainty over small reports.
#include "radie/certainty.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "radie/error.h"

namespace radie {
namespace {

using enum CertaintyClass;
using Indices = std::vector<std::size_t>;

// A report in brackets: "[O:結節]を[C:認めます]。" Entity types by their letter; links as
// (attribute, object), by position.
struct Built {
  std::string text;
  StructuredReport report;
};

Built Build(std::string_view marked,
            const std::vector<std::pair<std::size_t, std::size_t>>& links) {
  const std::map<char, std::string> kTypes = {{'O', "Imaging_observation"},
                                              {'F', "Clinical_finding"},
                                              {'A', "Anatomical_entity"},
                                              {'C', "Certainty_descriptor"}};
  Built built;
  std::vector<bool> is_object;
  while (!marked.empty()) {
    const std::size_t open = marked.find('[');
    built.text += marked.substr(0, open);
    if (open == marked.npos) break;
    const std::size_t close = marked.find(']', open);
    Entity entity;
    entity.type = kTypes.at(marked[open + 1]);
    entity.text = marked.substr(open + 3, close - open - 3);
    entity.span.utf8 = {built.text.size(), built.text.size() + entity.text.size()};
    built.text += entity.text;
    is_object.push_back(marked[open + 1] == 'O' || marked[open + 1] == 'F');
    built.report.entities.push_back(std::move(entity));
    marked.remove_prefix(close + 1);
  }
  for (const auto& [head, tail] : links) built.report.relations.push_back({"modify", head, tail});
  built.report.findings =
      AssembleFindings(built.report.entities, built.report.relations, is_object);
  return built;
}

Certainty Of(Built built, std::size_t finding = 0) {
  AttachCertainty(built.text, built.report);
  return built.report.findings.at(finding).certainty.value();
}

TEST(AttachCertainty, ByTheObjectsDescriptor) {
  const Certainty certainty = Of(Build("[F:転移]は[C:否定できません]。", {{1, 0}}));
  EXPECT_EQ(certainty.value, kMayRepresent);
  EXPECT_EQ(certainty.sources, Indices{1});
}

TEST(AttachCertainty, NothingSaidIsDefinite) {
  const Certainty certainty = Of(Build("[A:右肺][O:結節]。", {{0, 1}}));
  EXPECT_EQ(certainty.value, kDefinite);
  EXPECT_TRUE(certainty.sources.empty());
}

TEST(AttachCertainty, ConfidenceIsTheProductOfWhatItRestsOn) {
  Built built = Build("[O:結節]は[C:認めません]。[O:影]", {{1, 0}});
  built.report.entities[0].confidence = 0.5;
  built.report.entities[1].confidence = 0.8;
  built.report.relations[0].confidence = 0.9;
  built.report.entities[2].confidence = 0.7;
  EXPECT_DOUBLE_EQ(Of(built).confidence, 0.5 * 0.8 * 0.9);
  EXPECT_DOUBLE_EQ(Of(built, 1).confidence, 0.7);
}

TEST(AttachCertainty, CoordinatedObjectsShareTheirDescriptor) {
  const Built built = Build("[O:結節]や[O:腫瘤]は[C:認めません]。", {{2, 0}, {2, 1}});
  EXPECT_EQ(Of(built, 0).value, kDenial);
  EXPECT_EQ(Of(built, 1).value, kDenial);
}

TEST(AttachCertainty, WhatIsSuspectedOfSomethingDeniedIsDenied) {
  const Built plain = Build("[F:転移]を[C:疑う][O:病変]は[C:認めません]。", {{1, 0}, {3, 2}});
  EXPECT_EQ(Of(plain, 0).value, kDenial);
  EXPECT_EQ(Of(plain, 0).sources, (Indices{1, 3}));
  EXPECT_EQ(Of(plain, 1).value, kDenial);
  const Built between = Build("[F:骨転移]を[C:疑う]ような[A:骨][O:破壊]は[C:なさそうです]。",
                              {{1, 0}, {2, 3}, {4, 3}});
  EXPECT_EQ(Of(between, 0).value, kUnlikely);
  const Built wrapped = Build("[F:転移]を[C:疑う]\n[O:病変]は[C:認めません]。", {{1, 0}, {3, 2}});
  EXPECT_EQ(Of(wrapped, 0).value, kDenial);
}

TEST(AttachCertainty, NothingIsTakenOverFromElsewhere) {
  // The suspicion ends its sentence.
  EXPECT_EQ(Of(Build("[F:転移]を[C:疑う]。[O:胸水]は[C:認めません]。", {{1, 0}, {3, 2}})).value,
            kLikely);
  EXPECT_EQ(Of(Build("[F:転移]を[C:疑います][O:胸水]は[C:認めません]。", {{1, 0}, {3, 2}})).value,
            kLikely);
  // What is qualified is there.
  EXPECT_EQ(Of(Build("[F:転移]を[C:疑う][O:病変]を[C:認めます]。", {{1, 0}, {3, 2}})).value,
            kLikely);
  // A site between that belongs to something else.
  EXPECT_EQ(Of(Build("[F:転移]を[C:疑う][A:肝][O:病変]は[C:認めません]。", {{1, 0}, {4, 3}})).value,
            kLikely);
}

TEST(AttachCertainty, TellsOfDescriptorsOfNoKnownClass) {
  Built built = Build("[O:結節]が[C:右肺]。[F:転移]を[C:疑う]。", {{1, 0}, {3, 2}});
  AttachCertainty(built.text, built.report);
  EXPECT_EQ(built.report.findings[0].certainty->value, kDefinite);
  EXPECT_EQ(built.report.findings[0].certainty->sources, Indices{1});
  ASSERT_EQ(built.report.warnings.size(), 1u);
  EXPECT_EQ(built.report.warnings[0].code, "certainty_unknown");
  EXPECT_EQ(built.report.warnings[0].message.find("右肺"), std::string::npos);
}

TEST(AttachCertainty, ChecksTheReport) {
  Built built = Build("[O:結節]を[C:認めます]。", {{1, 0}});
  EXPECT_THROW(AttachCertainty("", built.report), Error);
  built.report.findings[0].attributes = {7};
  EXPECT_THROW(AttachCertainty(built.text, built.report), Error);
  built.report.findings[0].attributes = {1};
  built.report.entities[1].text = "\xFF";
  EXPECT_THROW(AttachCertainty(built.text, built.report), Error);
  EXPECT_FALSE(built.report.findings[0].certainty.has_value());
}

}  // namespace
}  // namespace radie
