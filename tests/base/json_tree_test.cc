#include "libradie/base/json_tree.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace radie {
namespace {

TEST(JsonTree, KeepsTheOrderInWhichMembersCame) {
  JsonTree tree = {{"z", "last first"}, {"a", JsonTree::Array("x", std::uint64_t{7})}};
  tree["m"] = JsonTree::Number("3.50");
  tree["z"] = "replaced";
  EXPECT_EQ(tree.Text(), R"({"z":"replaced","a":["x",7],"m":3.50})");
}

TEST(JsonTree, AMemberThatIsAskedForIsThere) {
  JsonTree tree = JsonTree::Object();
  EXPECT_TRUE(tree.empty());
  tree["a"]["b"] = std::numeric_limits<std::uint64_t>::max();
  tree["a"]["c"] = JsonTree::Array();
  EXPECT_TRUE(tree["a"]["c"].empty());
  tree["a"]["c"].Append(JsonTree::Object());
  EXPECT_EQ(tree.Text(), R"({"a":{"b":18446744073709551615,"c":[{}]}})");
}

TEST(JsonTree, ACopyIsATreeOfItsOwn) {
  JsonTree tree = {{"a", JsonTree::Array("1")}};
  JsonTree copy = tree;
  copy["a"].Append("2");
  EXPECT_EQ(tree.Text(), R"({"a":["1"]})");
  EXPECT_EQ(JsonTree::Array(std::move(copy), std::move(tree)).Text(),
            R"([{"a":["1","2"]},{"a":["1"]}])");
}

// Text, and numbers without sign or fraction.
template <typename Value>
constexpr bool kTaken = std::is_constructible_v<JsonTree, Value>;
static_assert(kTaken<std::uint64_t> && kTaken<const char*> && kTaken<std::string_view>);
static_assert(!kTaken<int> && !kTaken<bool> && !kTaken<double> && !kTaken<float> &&
              !kTaken<std::int64_t> && !kTaken<char>);

TEST(JsonTree, NamesAndStringsAreEscaped) {
  const JsonTree tree = {{"\"\n", std::string("\\\x01\t\0", 4)}, {"肺", "a\xFF\xE8\x82 b"}};
  EXPECT_EQ(tree.Text(),
            "{\"\\\"\\n\":\"\\\\\\u0001\\t\\u0000\",\"肺\":\"a\uFFFD\uFFFD\uFFFD b\"}");
}

}  // namespace
}  // namespace radie
