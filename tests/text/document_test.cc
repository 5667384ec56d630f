#include "libradie/text/document.h"

#include <gtest/gtest.h>

#include <string>

#include "radie/error.h"
#include "utf8_samples.h"

namespace radie {
namespace {

using namespace std::string_literals;

std::size_t InvalidAt(const std::string& text) {
  try {
    Document::Decode(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidText);
    return error.offset().value();
  }
  return std::string::npos;
}

TEST(DocumentTest, AcceptsTheEndsOfEveryRange) {
  for (const char* text :
       {"\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(InvalidAt(text), std::string::npos);
  }
  EXPECT_EQ(InvalidAt("a\0b"s), std::string::npos);
}

TEST(DocumentTest, RejectsIllFormedSequencesAtTheirFirstByte) {
  const std::string head = "ab肺";
  for (const std::string& bad :
       {"\x80"s, "\xBF"s, "\xC0\xAF"s, "\xC1\xBF"s, "\xE0\x9F\xBF"s, "\xED\xA0\x80"s,
        "\xED\xBF\xBF"s, "\xF0\x8F\xBF\xBF"s, "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s, "\xFF"s,
        "\xC3"s, "\xE3\x81"s, "\xF0\x9F\x98"s, "\xE3\x81("s, "\xE3(\x81"s, "\xF0\x9F\x98("s}) {
    EXPECT_EQ(InvalidAt(head + bad), head.size());
    EXPECT_EQ(InvalidAt(head + bad + "xyz肺"), head.size());
  }
}

TEST(DocumentTest, TheMessageHoldsNoText) {
  try {
    Document::Decode("secret\xFF");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos);
  }
}

// Counts every unit from the beginning.
TextSpan NaiveSpan(const std::string& text, SourceRange range) {
  TextSpan span;
  Range units[2] = {};
  const std::size_t ends[2] = {range.begin, range.end};
  for (int side = 0; side < 2; ++side) {
    for (std::size_t i = 0; i < ends[side];) {
      const std::size_t length = Utf8Length(text[i]);
      i += length;
      units[side].begin += 1;
      units[side].end += length == 4 ? 2 : 1;
    }
  }
  span.utf8 = {range.begin, range.end};
  span.code_points = {units[0].begin, units[1].begin};
  span.utf16 = {units[0].end, units[1].end};
  return span;
}

TEST(DocumentTest, SpansAgreeWithCountingAndComeBack) {
  std::string all;
  for (const std::string& sample : SampleTexts(40)) all += sample;
  const Document document = Document::Decode(all);
  const std::vector<std::size_t> boundaries = Boundaries(all);
  ASSERT_GT(boundaries.size(), 1000U);
  for (std::size_t i = 0; i + 1 < boundaries.size(); i += 3) {
    const std::size_t j = std::min(i + 1 + i % 97, boundaries.size() - 1);
    const SourceRange range{boundaries[i], boundaries[j]};
    const TextSpan span = document.Span(range);
    const TextSpan naive = NaiveSpan(all, range);
    for (const OffsetUnit unit : {OffsetUnit::kUtf8, OffsetUnit::kCodePoint, OffsetUnit::kUtf16}) {
      ASSERT_EQ(span.In(unit), naive.In(unit));
      ASSERT_EQ(document.FromUnit(span.In(unit), unit), range);
    }
  }
  EXPECT_EQ(document.Span({all.size(), all.size()}).utf8, (Range{all.size(), all.size()}));
}

TEST(DocumentTest, SpanRefusesWhatIsNotOnCodePoints) {
  const Document document = Document::Decode("a肺b");
  for (const SourceRange range : {SourceRange{0, 2}, {2, 4}, {0, 6}, {4, 1}, {6, 7}}) {
    EXPECT_THROW(document.Span(range), Error);
  }
}

TEST(DocumentTest, FromUnitRefusesBadRanges) {
  const std::string text = "a肺😀b";  // bytes 1+3+4+1, code points 4, UTF-16 units 5
  const Document document = Document::Decode(text);
  const auto refuses = [&](Range range, OffsetUnit unit) {
    try {
      document.FromUnit(range, unit);
    } catch (const Error& error) {
      return error.code() == ErrorCode::kInvalidArgument;
    }
    return false;
  };
  for (const OffsetUnit unit : {OffsetUnit::kUtf8, OffsetUnit::kCodePoint, OffsetUnit::kUtf16}) {
    EXPECT_TRUE(refuses({0, 0}, unit));
    EXPECT_TRUE(refuses({1, 0}, unit));
    EXPECT_TRUE(refuses({0, 10}, unit));
    EXPECT_TRUE(refuses({20, 30}, unit));
    EXPECT_TRUE(refuses({0, ~std::size_t{0}}, unit));
  }
  EXPECT_TRUE(refuses({0, 2}, OffsetUnit::kUtf8));
  EXPECT_TRUE(refuses({3, 4}, OffsetUnit::kUtf8));
  EXPECT_TRUE(refuses({0, 3}, OffsetUnit::kUtf16));  // the middle of 😀
  EXPECT_TRUE(refuses({3, 4}, OffsetUnit::kUtf16));
  EXPECT_TRUE(refuses({0, 5}, OffsetUnit::kCodePoint));
  EXPECT_TRUE(refuses({4, 5}, OffsetUnit::kCodePoint));
  EXPECT_EQ(document.FromUnit({0, 9}, OffsetUnit::kUtf8), (SourceRange{0, 9}));
  EXPECT_EQ(document.FromUnit({2, 4}, OffsetUnit::kUtf16), (SourceRange{4, 8}));
  EXPECT_EQ(document.FromUnit({3, 4}, OffsetUnit::kCodePoint), (SourceRange{8, 9}));
}

}  // namespace
}  // namespace radie
