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
  EXPECT_EQ(Told("3㎝"), "3 cm");
  EXPECT_EQ(Told("4.7 cm"), "4.7 cm");
  EXPECT_EQ(Told("３．５ＣＭ"), "3.5 cm");
  EXPECT_EQ(Told("1\n2mm"), "12 mm");  // a line break inside the number
  EXPECT_EQ(Told("12 m\nm"), "12 mm");
  EXPECT_EQ(Told("3.\n5cm"), "3.5 cm");
  EXPECT_EQ(Told("007mm"), "7 mm");
  EXPECT_EQ(Told("00.5cm"), "0.5 cm");
  EXPECT_EQ(Told(std::string(1'000'000, '0') + "mm"), "0 mm");  // in no quadratic time
}

TEST(Lengths, WordsThatLeaveTheLengthWhatItIs) {
  for (const char* mention :
       {"最大短径12mm", "短\n径 12mm", "最⼤径　12mm⼤", "⻑径約12mm", "φ12mm", "Φ12mm", "⌀ 12mm",
        "Max 12mm", "short axis 12mm", "12mm大", "12mm程度", "12mm 前後", "12mmほど", "12mm径",
        "12mmの大きさ", "大きさ：12mm", "厚さ最大12mm"}) {
    EXPECT_EQ(Told(mention), "12 mm") << mention;
  }
}

TEST(Lengths, WordsAndSignsThatMakeItAnother) {
  for (const char* mention :
       {"10mm以下",      "10mm 以上",  "5mm未満",   "10mm超", "10mmを超える", "10mm弱",
        "10mm強",        "10mmまで",   "10cm²",     "3cm³",   "10mm2",        "10mm/年",
        "5mmHg",         "10mmm",      "<10mm",     "≧10mm",  "～10mm",       "数10mm",
        "粟粒大から5mm", "up to 10mm", "10mm大まで"}) {
    EXPECT_EQ(Told(mention), "") << mention;
  }
}

TEST(Lengths, ASpacePartsTwoNumbers) {
  for (const char* mention : {"10 15mm", "10　15mm", "S6 12mm", "S6\n12mm", "1. 5mm", "1 .5mm"}) {
    EXPECT_EQ(Told(mention), "") << mention;
  }
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
