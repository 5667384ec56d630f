// Numbers of a model's header; all else that ParseJson reads and refuses is in the other tests.
#include "libradie/model/json_value.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "radie/error.h"

namespace radie {
namespace {

double NumberOf(const std::string& text) { return ParseJson(text, "test").number; }

TEST(JsonValue, NumbersAreReadToTheLastBit) {
  EXPECT_EQ(NumberOf("0.1"), 0.1);
  EXPECT_EQ(NumberOf("-1.25e-3"), -1.25e-3);
  EXPECT_EQ(NumberOf("1E+5"), 1e5);
  EXPECT_EQ(NumberOf("1e-12"), 1e-12);
  EXPECT_EQ(NumberOf("123456789.12345678"), 123456789.12345678);
  EXPECT_EQ(NumberOf("2.2250738585072011e-308"), 2.2250738585072011e-308);  // a denormal one
  EXPECT_EQ(NumberOf("1.7976931348623157e308"), std::numeric_limits<double>::max());
  EXPECT_EQ(NumberOf("-7"), -7);
  EXPECT_EQ(NumberOf("0.0"), 0);
}

TEST(JsonValue, NumbersThatAreNoDoubleAreRefused) {
  for (const char* text : {"1e400", "-1.5e999", "1e-400"}) {
    EXPECT_THROW(ParseJson(text, "test"), Error) << text;
  }
}

}  // namespace
}  // namespace radie
