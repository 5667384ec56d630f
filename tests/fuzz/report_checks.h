// What holds for every report about a text.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

#include "libradie/text/document.h"
#include "radie/report.h"

namespace radie::fuzz {

// Entities lie in the text, in all units; indices point at entities; confidences are probabilities.
inline void ExpectSound(const StructuredReport& report, std::string_view text) {
  const Document document = Document::Decode(text);
  const std::size_t count = report.entities.size();
  for (const Entity& entity : report.entities) {
    const Range& range = entity.span.utf8;
    ASSERT_TRUE(range.begin < range.end && range.end <= text.size());
    const TextSpan span = document.Span({range.begin, range.end});
    ASSERT_EQ(span.code_points, entity.span.code_points);
    ASSERT_EQ(span.utf16, entity.span.utf16);
    ASSERT_EQ(text.substr(range.begin, range.end - range.begin), entity.text);
    ASSERT_TRUE(entity.confidence >= 0 && entity.confidence <= 1) << entity.confidence;
  }
  for (const Relation& relation : report.relations) {
    ASSERT_LT(std::max(relation.head, relation.tail), count);
    ASSERT_TRUE(relation.confidence >= 0 && relation.confidence <= 1) << relation.confidence;
  }
  for (const Finding& finding : report.findings) {
    ASSERT_LT(finding.object, count);
    for (const std::size_t index : finding.attributes) {
      ASSERT_LT(index, count);
    }
    for (const std::size_t index : finding.evidence) {
      ASSERT_LT(index, count);
    }
  }
}

// The same mentions of the same types at the same places.
inline void ExpectSameEntities(const StructuredReport& a, const StructuredReport& b) {
  ASSERT_EQ(a.entities.size(), b.entities.size());
  for (std::size_t i = 0; i < a.entities.size(); ++i) {
    ASSERT_EQ(a.entities[i].type, b.entities[i].type);
    ASSERT_EQ(a.entities[i].span.utf8, b.entities[i].span.utf8);
    ASSERT_EQ(a.entities[i].text, b.entities[i].text);
  }
}

}  // namespace radie::fuzz
