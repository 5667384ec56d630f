// Where a request's header and body end.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "tools/serve/chunk_framing.h"
#include "tools/serve/field_lines.h"

namespace radie::tools::serve {
namespace {

constexpr std::size_t kMaxSize = 1000;

// What is kept of framing and data, with ! where it is malformed, + where a chunk is too large and
// | where the body ends.
std::string Kept(std::string_view wire) {
  ChunkFraming framing(kMaxSize);
  std::string kept;
  while (!wire.empty() && !framing.ended()) {
    if (framing.data_left() > 0) {
      const std::size_t data = std::min(framing.data_left(), wire.size());
      kept += wire.substr(0, data);
      framing.SkipData(data);
      wire.remove_prefix(data);
      continue;
    }
    const ChunkFraming::Verdict verdict = framing.Next(wire.front());
    if (verdict == ChunkFraming::Verdict::kMalformed) return kept + "!";
    if (verdict == ChunkFraming::Verdict::kTooLarge) return kept + "+";
    if (verdict == ChunkFraming::Verdict::kKeep) kept += wire.front();
    wire.remove_prefix(1);
  }
  return framing.ended() ? kept + "|" : kept;
}

TEST(ChunkFraming, KeepsSizesAndData) {
  EXPECT_EQ(Kept("0\r\n\r\nGET"), "0\r\n\r\n|");
  EXPECT_EQ(Kept("5\r\na\r\n\r\n\r\n0a\r\n0123456789\r\n00\r\n\r\n"),
            "5\r\na\r\n\r\n\r\n0a\r\n0123456789\r\n00\r\n\r\n|");
  EXPECT_EQ(Kept("1;a=\"b c\";d\r\nx\r\n0;e\r\n\r\n"), "1\r\nx\r\n0\r\n\r\n|");
  EXPECT_EQ(Kept("1\r\nx\r\n0\r\nDigest: a b\r\nx:\r\n\r\n"), "1\r\nx\r\n0\r\n\r\n|");
  for (const char* unfinished : {"", "5", "5\r", "5\r\nab", "1\r\na\r", "0\r\n", "0\r\n\r"}) {
    EXPECT_EQ(Kept(unfinished), unfinished);
  }
}

TEST(ChunkFraming, RefusesAllElse) {
  for (const char* wire : {
           "\r\n",       "\n",        " 1",          "+1",
           "-1",         "g",         "0x1",         "1 \r\n",
           "1\n",        "1\r\r",     "1;a\n",       "1;\x01",
           "1\r\nab",    "1\r\na\n",  "1\r\na\r\r",  "1\r\na\r\n\r\n",
           "0\r\n\n",    "0\r\n\r\r", "0\r\na\r\n",  "0\r\n a: b",
           "0\r\na : b", "0\r\n: b",  "0\r\na: b\n", "0\r\na: b\r\r",
       }) {
    EXPECT_EQ(Kept(wire).back(), '!') << wire;
  }
  EXPECT_EQ(Kept(std::string_view("0\r\na:\0", 7)).back(), '!');
}

TEST(ChunkFraming, SizesHaveALimit) {
  EXPECT_EQ(Kept("3e8\r\n"), "3e8\r\n");
  EXPECT_EQ(Kept("3E9\r\n"), "3E+");
  EXPECT_EQ(Kept("00000000000000000000000000000003e8\r\n").back(), '\n');
  EXPECT_EQ(Kept("10000000000000001\r\n"), "100+");
  EXPECT_EQ(ChunkFraming(5).Next('6'), ChunkFraming::Verdict::kTooLarge);
}

TEST(FieldLines, HaveANameAndAColon) {
  for (const char* line : {"a:", "Host: x:8", "X-A_b.c: d%20", "content-length: 5"}) {
    EXPECT_TRUE(IsFieldLine(line)) << line;
  }
  for (const char* line : {"", ":", "Content-Length 40", " a: b", "\ta: b", "a : b", "a b: c",
                           "Content-Length:", "Transfer-Encoding: \t", "content-LENGTH: %35",
                           "Transfer-Encoding: chunke%64"}) {
    EXPECT_FALSE(IsFieldLine(line)) << line;
  }
  EXPECT_FALSE(IsFieldLine(std::string_view("a\0: b", 5)));
}

TEST(FieldLines, ListsOfNames) {
  for (const char* value :
       {"close", "Close", "keep-alive, close", "CLOSE\t,x", " , close", "a,close,"})
    EXPECT_TRUE(ListHas(value, "close")) << value;
  for (const char* value : {"", ",", "keep-alive", "closed", "x-close", "close x", " , "})
    EXPECT_FALSE(ListHas(value, "close")) << value;
}

}  // namespace
}  // namespace radie::tools::serve
