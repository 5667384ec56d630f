// Every character of JIS X 0208 and 0212, code page 932, NEC's and IBM's extensions and JIS X 0201
// kana is Python's.
#include <gtest/gtest.h>

#include <string>

#include "libradie/text/document.h"
#include "libradie/text/jis_tables.h"
#include "libradie/text/normalize.h"
#include "tests/text/charset_samples.h"

namespace radie {
namespace {

constexpr unsigned kIbmRow = 83;  // of JIS X 0212: ICU has it, Python has not

// What radie takes a place for: Python's character, but for the one that would be ASCII.
char32_t Expected(const CharsetRow& row, unsigned i) {
  const bool tilde = row.set == "jisx0212" && row.row == 2 && i == 22;
  return tilde ? U'～' : row.characters[i];
}

TEST(CharsetGoldenTest, EveryCharacterIsPythons) {
  std::size_t characters = 0, gaps = 0;
  for (const CharsetRow& row : CharsetRows()) {
    for (unsigned i = 0; i < row.characters.size(); ++i) {
      const char32_t expected = Expected(row, i);
      for (const auto& [encoding, sequence] : BytesOf(row, i)) {
        const std::string bytes =
            encoding == Encoding::kIso2022Jp ? EscapeOf(row.set) + sequence : sequence;
        const std::optional<DecodedText> text = TryDecode(bytes, encoding);
        const auto where = [&, name = EncodingName(encoding)] {
          return std::string(name) + " " + row.set + " " + std::to_string(row.row) + " " +
                 std::to_string(i);
        };
        ASSERT_EQ(text.has_value(), expected != U' ') << where();
        ++(text ? characters : gaps);
        if (!text) continue;
        ASSERT_EQ(text->utf8(), ToUtf8({&expected, 1})) << where();
        ASSERT_EQ(text->ToSource({0, text->utf8().size()}),
                  (Range{bytes.size() - sequence.size(), bytes.size()}));
      }
    }
  }
  EXPECT_EQ(characters, 9604U + 2 * (6879 + 457) + 2 * 6067 + 3 * 63);
  EXPECT_GT(gaps, 1000U);
}

// The rows that the golden file does not list hold nothing.
TEST(CharsetGoldenTest, NothingElseIsThere) {
  std::size_t cp932 = 0, jisx0208 = 0, jisx0212 = 0;
  for (unsigned i = 0; i < 256; ++i) {
    for (unsigned j = 0; j < 256; ++j) {
      cp932 += Cp932Pair(i, j) != 0;
      jisx0208 += JisX0208(i, j) != 0;
      jisx0212 += i != kIbmRow && JisX0212(i, j) != 0;
    }
  }
  EXPECT_EQ(cp932, 9604U);
  EXPECT_EQ(jisx0208, 6879U + 457);
  EXPECT_EQ(jisx0212, 6067U);
  EXPECT_EQ(Cp932Pair(0x100, 0x40) + JisX0208(0, 1) + JisX0208(1, 0) + JisX0212(~0U, ~0U), 0U);
}

TEST(CharsetGoldenTest, IbmsRowOfJisX0212) {
  std::u32string row;
  for (unsigned cell = 1; cell <= 94; ++cell) {
    if (const char32_t c = JisX0212(kIbmRow, cell)) row += c;
  }
  EXPECT_EQ(row, U"ⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ㈱");
}

// Separators of HL7 and line feeds come from their own bytes only.
TEST(CharsetGoldenTest, NoSequenceOfSeveralBytesIsAscii) {
  for (unsigned i = 0; i < 256; ++i) {
    for (unsigned j = 0; j < 256; ++j) {
      for (const char32_t c : {Cp932Pair(i, j), JisX0208(i, j), JisX0212(i, j)})
        ASSERT_TRUE(c == 0 || c > 0x7F) << i << " " << j;
    }
  }
}

TEST(CharsetGoldenTest, AsciiIsItselfInAllButUtf16) {
  std::string ascii;
  for (int code = 0; code < 128; ++code) ascii += static_cast<char>(code);
  for (const Encoding encoding : {Encoding::kUtf8, Encoding::kCp932, Encoding::kEucJp})
    EXPECT_EQ(DecodeText(ascii, encoding).utf8(), ascii);
  for (const char control : {'\x0E', '\x0F', '\x1B'}) ascii.erase(ascii.find(control), 1);
  EXPECT_EQ(DecodeText(ascii, Encoding::kIso2022Jp).utf8(), ascii);
}

struct Quarrel {
  const char *cp932_bytes, *euc_bytes;
  const char *cp932, *jis;
  const char* normalized;  // what radiology-ja makes of both; empty where they stay apart
};

TEST(CharsetGoldenTest, MappingQuarrels) {
  const Quarrel quarrels[] = {
      {"\x81\x60", "\xA1\xC1", "～", "〜", "~"},    {"\x81\x7C", "\xA1\xDD", "－", "−", "-"},
      {"\x81\x61", "\xA1\xC2", "∥", "‖", ""},       {"\x81\x91", "\xA1\xF1", "￠", "¢", "¢"},
      {"\x81\x92", "\xA1\xF2", "￡", "£", "£"},     {"\x81\xCA", "\xA2\xCC", "￢", "¬", "¬"},
      {"\x81\x5C", "\xA1\xBD", "―", "―", "-"},     // U+2015 in all, never — U+2014
      {"\x81\x5D", "\xA1\xBE", "‐", "‐", "-"},     // U+2010
      {"\x81\x5F", "\xA1\xC0", "＼", "＼", "\\"},  // never ASCII's
      {"\xFA\x55", "\x8F\xA2\xC3", "￤", "¦", "¦"},
  };
  const auto normal = [](const std::string& text) {
    return Normalize(Document::Decode(text), NormalizationProfile::kRadiologyJa).text;
  };
  for (const Quarrel& quarrel : quarrels) {
    const std::string cp932 = DecodeText(quarrel.cp932_bytes, Encoding::kCp932).utf8();
    const std::string euc = DecodeText(quarrel.euc_bytes, Encoding::kEucJp).utf8();
    EXPECT_EQ(cp932, quarrel.cp932);
    EXPECT_EQ(euc, quarrel.jis);
    std::string seven = quarrel.euc_bytes;
    const bool jisx0212 = seven.size() == 3;
    if (jisx0212) seven.erase(0, 1);
    for (char& c : seven) c = static_cast<char>(c & 0x7F);
    EXPECT_EQ(DecodeText((jisx0212 ? "\x1B$(D" : "\x1B$B") + seven, Encoding::kIso2022Jp).utf8(),
              quarrel.jis);
    if (*quarrel.normalized == '\0') {
      EXPECT_EQ(normal(cp932), cp932);
      EXPECT_EQ(normal(euc), euc);
    } else {
      EXPECT_EQ(normal(cp932), quarrel.normalized);
      EXPECT_EQ(normal(euc), quarrel.normalized);
    }
  }
  EXPECT_EQ(DecodeText("\\~", Encoding::kCp932).utf8(), "\\~");
  EXPECT_EQ(DecodeText("\x1B(J\\~\x1B(B\\~", Encoding::kIso2022Jp).utf8(), "¥‾\\~");
}

}  // namespace
}  // namespace radie
