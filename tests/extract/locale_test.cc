// The host's locale is neither trusted nor changed.
#include <gtest/gtest.h>

#include <array>
#include <clocale>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <locale>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "radie/charset.h"
#include "radie/encoder.h"
#include "radie/extractor.h"
#include "radie/fhir.h"
#include "radie/hl7.h"
#include "radie/pack.h"
#include "radie/terms.h"
#include "radie/tokenizer.h"
#include "radie/writer.h"

#if defined(__GLIBC__)
#include "tests/tools/temporary_folder.h"
#endif

namespace radie {
namespace {

namespace fs = std::filesystem;

const std::string kSourceFolder = RADIE_SOURCE_DIR;

std::string BytesOf(const std::string& path) {
  std::ifstream file(kSourceFolder + path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// A tagger with a number in its header that has a decimal point and does something.
std::shared_ptr<const Model> ModelWithATemperature() {
  std::string bytes = BytesOf("/tests/golden/tagger_crf.radie");
  const std::string head = R"(\"head\":)", temperature = R"(\"temperature\":1.25,)";
  const std::size_t at = bytes.find(head);
  if (at == std::string::npos) throw std::runtime_error("no head in the model's header");
  bytes.insert(at, temperature);
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), sizeof header);
  header += temperature.size();
  std::memcpy(bytes.data(), &header, sizeof header);
  return Model::LoadFromMemory(bytes.data(), bytes.size());
}

std::string Tokens(const TokenizerOptions& options, const std::string& text) {
  std::string ids;
  try {
    for (const TextToken& token : TextTokenizer(options).Tokenize(text)) {
      ids += std::to_string(token.id) + " ";
    }
  } catch (const Error& error) {
    ids = error.what();  // this build or machine lacks it
  }
  return ids;
}

std::string TokensOfMecab(const std::string& text) {
  TokenizerOptions options;
  options.profile = "bert-ja-mecab-ipadic";
  std::istringstream lines(BytesOf("/tests/golden/vocab_cased.txt"));
  for (std::string line; std::getline(lines, line);) options.vocabulary.push_back(line);
  return Tokens(options, text);
}

std::string TokensOfSentencePiece(const std::string& text) {
  TokenizerOptions options;
  options.profile = "sentencepiece";
  options.unk_token = "<unk>";
  options.sentencepiece_model = BytesOf("/tests/golden/sentencepiece_small.model");
  return Tokens(options, text);
}

std::string Packed() {
  try {
    return PackModel(kSourceFolder + "/tests/golden/tagger_crf.radie");
  } catch (const Error& error) {
    return error.what();  // no kernel set here packs
  }
}

// All that is read and written, one after the other.
std::vector<std::string> Everything() {
  // Of more than 1,000 bytes, so that offsets have something to group.
  std::string text;
  for (int i = 0; i < 30; ++i) text += "右肺上葉に12.5mm大の結節を認めます。";
  const auto model = Model::Load(kSourceFolder + "/weights_converter/demo/demo.radie");
  const Extractor extractor(model);
  StructuredReport report = extractor.Extract(text);
  AttachCodes(TermTable::Parse("結節\t1234.5\tnodule\n"), report);
  const auto tempered = ModelWithATemperature();
  const std::string message =
      "MSH|^~\\&|A|B|C|D|20260131||ORU^R01|1|P|2.5|||||JPN|UNICODE UTF-8\rOBR|1||7\r"
      "OBX|1|NM|1^SIZE||1234.5\rOBX|2|TX|18782-3||" +
      text + "\r";
  const Hl7Report read = ReadHl7(message).at(0).report.value();
  std::string layers;
  for (const auto& [name, value] : tempered->info().stages[0].settings) {
    layers += name + "=" + value + " ";
  }
  return {ToJson("1234", text, report, {.unit = OffsetUnit::kUtf8, .include_text = true}),
          ToTable("1234", report),
          ToHtml("1234", text, report),
          ToBrat(report),
          ToConll(text, report),
          ToFhir("1234", text, report, {.subject = "Patient/1234"}),
          ErrorToFhir(std::nullopt, Error(ErrorCode::kInvalidText, "text"), 12'345),
          layers,
          ToJson("", "", Extractor(tempered).Tag(text)),
          Packed(),
          read.text,
          read.warnings.at(0).message,
          DecodeDetectedText("\x83\x6E\x81\x45\x83\x8D\x81\x5B\x82\xA0\x82\xA2", {}).utf8(),
          TokensOfMecab(text),
          TokensOfSentencePiece(text),
          std::to_string(extractor.threads())};
}

// The process's locales as they are now, put back at the end.
class Locales {
 public:
  Locales() : c_(std::setlocale(LC_ALL, nullptr)) {}
  ~Locales() {
    std::locale::global(cpp_);
    std::setlocale(LC_ALL, c_.c_str());
  }
  Locales(const Locales&) = delete;
  Locales& operator=(const Locales&) = delete;

  bool AreTheSame() const { return std::locale() == cpp_ && c_ == std::setlocale(LC_ALL, nullptr); }

 private:
  const std::locale cpp_;
  const std::string c_;
};

void ExpectEverythingAsInC() {
  static const std::vector<std::string> wanted = Everything();
  const Locales set;
  const std::vector<std::string> found = Everything();
  EXPECT_TRUE(set.AreTheSame());
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_TRUE(found[i] == wanted[i]) << i;
}

class LocaleOfAHost : public testing::Test {
 protected:
  static void SetUpTestSuite() { ExpectEverythingAsInC(); }  // nothing has been set yet

  const Locales before_;
};

// What C++ streams write and read from then on.
struct CommaNumbers : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
  std::string do_truename() const override { return "wahr"; }
  std::string do_falsename() const override { return "falsch"; }
};

TEST_F(LocaleOfAHost, OfCppWithADecimalComma) {
  std::locale::global(std::locale(std::locale(), new CommaNumbers));
  std::ostringstream stream;
  stream << 1234.5;
  ASSERT_EQ(stream.str(), "1.234,5");
  ExpectEverythingAsInC();
}

// What C's printf writes for a half.
std::string Half() {
  char digits[16] = "";
  std::snprintf(digits, sizeof digits, "%.1f", 0.5);
  return digits;
}

TEST_F(LocaleOfAHost, OfCAsTheSystemHasThem) {
  int set = 0;
  for (const char* name :
       {"de_DE.UTF-8", "fr_FR.UTF-8", "ps_AF.UTF-8", "tr_TR.UTF-8", "de-DE", "tr-TR"}) {
    if (std::setlocale(LC_ALL, name) == nullptr) continue;
    ++set;
    ASSERT_NE(Half(), "0.5") << name;
    ExpectEverythingAsInC();
  }
  if (set == 0) GTEST_SKIP() << "the system has no such locale: NOT TESTED";
}

#if defined(__GLIBC__)

// LC_NUMERIC of a locale as localedef writes it; glibc's magic number and the category's six
// values.
std::string NumericFile(const std::string& point, std::uint32_t wide_point,
                        const std::string& separator, std::uint32_t wide_separator) {
  const auto word = [](std::uint32_t value) {
    return std::string(reinterpret_cast<const char*>(&value), sizeof value);
  };
  const auto text = [](const std::string& value) {  // up to the next word
    return value + std::string(4 - value.size() % 4, '\0');
  };
  const std::array<std::string, 6> values = {text(point),      text(separator),      text("\3\3"),
                                             word(wide_point), word(wide_separator), text("UTF-8")};
  std::string head = word(0x20031115U ^ LC_NUMERIC) + word(values.size()), body;
  for (const std::string& value : values) {
    head += word(static_cast<std::uint32_t>(4 * (2 + values.size()) + body.size()));
    body += value;
  }
  return head + body;
}

// A folder with a locale that the test makes.
class MadeLocale : public LocaleOfAHost {
 protected:
  ~MadeLocale() override { unsetenv("LOCPATH"); }

  // The folder's name is the locale's, too: new to glibc, which reads a locale once.
  bool Set(const std::string& numeric) const {
    const std::string name = fs::path(folder_.path()).filename().string();
    folder_.Write(name + "/LC_NUMERIC", numeric);
    setenv("LOCPATH", folder_.path().c_str(), 1);
    return std::setlocale(LC_NUMERIC, name.c_str()) != nullptr;
  }

  const tools::Folder folder_;
};

TEST_F(MadeLocale, WithADecimalComma) {
  ASSERT_TRUE(Set(NumericFile(",", ',', ".", '.')));
  ASSERT_EQ(Half(), "0,5");
  ExpectEverythingAsInC();
}

// As in ps_AF.
TEST_F(MadeLocale, WithADecimalPointOfTwoBytes) {
  ASSERT_TRUE(Set(NumericFile("\u066B", 0x066B, "\u066C", 0x066C)));
  ASSERT_EQ(Half(), "0\u066B5");
  ExpectEverythingAsInC();
}

#endif

}  // namespace
}  // namespace radie
