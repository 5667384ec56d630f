#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "radie/fhir.h"

namespace radie {
namespace {

// "3.5 cm, 2 cm"
std::string Told(std::string_view mention) {
  std::string told;
  for (const Quantity& length : ParseLengths(mention)) {
    if (!told.empty()) told += ", ";
    told.append(length.value).append(" ").append(length.unit);
  }
  return told;
}

TEST(Lengths, NumbersWithAUnit) {
  EXPECT_EQ(Told("12mm"), "12 mm");
  EXPECT_EQ(Told("長径 18mm大"), "18 mm");
  EXPECT_EQ(Told("約１０ｍｍ程度"), "10 mm");
  EXPECT_EQ(Told("15㎜"), "15 mm");
  EXPECT_EQ(Told("4.7 cm"), "4.7 cm");
  EXPECT_EQ(Told("３．５ＣＭ"), "3.5 cm");
  EXPECT_EQ(Told("1\n2mm"), "12 mm");  // a line break inside the number
  EXPECT_EQ(Told("007mm"), "7 mm");
}

TEST(Lengths, ProductsShareTheLastUnitUnlessTheyHaveTheirOwn) {
  EXPECT_EQ(Told("3.5×2cm"), "3.5 cm, 2 cm");
  EXPECT_EQ(Told("28x19x10mm大"), "28 mm, 19 mm, 10 mm");
  EXPECT_EQ(Told("30mm×2cm"), "30 mm, 2 cm");
}

TEST(Lengths, WhatIsNoPlainLengthStaysText) {
  for (const char* mention :
       {"", "小さな", "5〜10mm", "5-10mm", "3", "3個", "mm", "1.cm", ".5cm", "1..2cm", "○×○cm",
        "3×cm", "×3cm", "12mm 13mm", "1234567890123mm", "10m",
        "\xFF"
        "12mm\xFF"
        "3"}) {
    EXPECT_EQ(Told(mention), "") << mention;
  }
}

}  // namespace
}  // namespace radie
