// Texts for the property tests: awkward ones by hand and seeded random Unicode.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "libradie/base/utf8.h"

namespace radie {

inline const std::vector<std::string>& AwkwardTexts() {
  using namespace std::string_literals;
  static const std::vector<std::string> texts = {""s,
                                                 "\0"s,
                                                 "a\0b"s,
                                                 "\xEF\xBB\xBF肺"s,
                                                 "\r\n"s,
                                                 "a\r\nb\rc\nd"s,
                                                 "\r\r\n\n"s,
                                                 "ｶﾞｷﾞ①㎜\r\n"s,
                                                 "⻑⼤⻲"s,
                                                 "か\xE3\x82\x99"s,
                                                 "か\0\xE3\x82\x99"s,
                                                 "½…㍉"s,
                                                 "👨\u200d👩\u200d👧🇯🇵❤\ufe0f"s,
                                                 "\u1112\u1161\u11ab한"s,
                                                 "a\u0323\u0301"s,
                                                 "a\u0301\u0323"s,
                                                 "x\u0301\u0323"s,
                                                 "\u0344\u0301"s,
                                                 "\u0301"s,
                                                 " \u3099 "s,
                                                 "\n\u0301\u0323"s,
                                                 "３．５ｃｍ，１，２００。"s,
                                                 "...a.b.,.,"s,
                                                 "ﷺ"s,
                                                 "葛\U000E0100城"s,
                                                 "İΣΑΣ ΣΣ"s,
                                                 "\u200b\u2060\ufeff"s,
                                                 "か\u200b\u3099き\u3099"s,
                                                 "ﬃ－−〜"s,
                                                 "\U0002F800𠮷"s,
                                                 "No. 5．つぎ"s,
                                                 "\u09c7\u09be\u09be"s,
                                                 "\u1100\u1161\u1161\u11a8\u11a8"s,
                                                 "\t\v\f\u0085\u00a0\u3000\u2028"s};
  return texts;
}

// Code points from blocks that have something to normalise, with marks and left-out characters
// strewn in.
inline std::string RandomText(std::mt19937* random) {
  struct Block {
    char32_t first, last;
  };
  static constexpr Block kBlocks[] = {
      {0x00, 0x7F},       {0x20, 0x7E},       {0x80, 0x24F},    {0x300, 0x36F},
      {0x300, 0x36F},     {0x370, 0x5FF},     {0x900, 0xDFF},   {0x1100, 0x11FF},
      {0x1E00, 0x20FF},   {0x2100, 0x2BFF},   {0x2E80, 0x30FF}, {0x3040, 0x30FF},
      {0x3099, 0x309A},   {0x3200, 0x33FF},   {0x4E00, 0x9FFF}, {0xAC00, 0xD7A3},
      {0xF900, 0xFFFF},   {0xFF00, 0xFFEF},   {0xFF66, 0xFF9F}, {0x1D100, 0x1D7FF},
      {0x1F100, 0x1F6FF}, {0x2F800, 0x2FA1D}, {0x0A, 0x0D},     {0x200B, 0x200D},
      {0x2C, 0x2E}};
  const auto pick = [random](std::uint32_t first, std::uint32_t last) {
    return first + (*random)() % (last - first + 1);
  };
  std::string text;
  const std::uint32_t length = pick(0, 60);
  for (std::uint32_t i = 0; i < length; ++i) {
    const Block block = kBlocks[pick(0, std::size(kBlocks) - 1)];
    AppendUtf8(pick(block.first, block.last), &text);
  }
  return text;
}

// Both of the above.
inline std::vector<std::string> SampleTexts(std::size_t random_texts) {
  std::vector<std::string> texts = AwkwardTexts();
  std::mt19937 random(20240607);
  for (std::size_t i = 0; i < random_texts; ++i) texts.push_back(RandomText(&random));
  return texts;
}

// Byte offsets of the code points, and the end.
inline std::vector<std::size_t> Boundaries(const std::string& text) {
  std::vector<std::size_t> boundaries;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (IsUtf8Boundary(text, i)) boundaries.push_back(i);
  }
  return boundaries;
}

}  // namespace radie
