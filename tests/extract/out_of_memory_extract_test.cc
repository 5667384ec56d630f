// As out_of_memory_test.cc, of what makes and uses something for the first time: a new extractor
// and a batch, with and without a cache; encoders and heads; tokenizers; packed models.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "radie/charset.h"
#include "radie/encoder.h"
#include "radie/error.h"
#include "radie/extractor.h"
#include "radie/fhir.h"
#include "radie/heads.h"
#include "radie/hl7.h"
#include "radie/pack.h"
#include "radie/terms.h"
#include "radie/tokenizer.h"
#include "radie/writer.h"
#include "tests/extract/failing_memory.h"

namespace radie {
namespace {

using testing::FailEach;
using testing::FailEachMaking;

const std::shared_ptr<const Model>& Demo() {
  static const auto demo = Model::Load(RADIE_SOURCE_DIR "/weights_converter/demo/demo.radie");
  return demo;
}

std::string GoldenPath(const std::string& name) { return RADIE_SOURCE_DIR "/tests/golden/" + name; }

// The last has more marks behind a letter than ICU has room for without asking for memory.
const std::string& Marked() {
  static const std::string marked = [] {
    std::string text = "肝嚢胞あり。e";
    for (int i = 0; i < 16; ++i) text += "\u0323\u0301";
    return text;
  }();
  return marked;
}

std::array<std::string_view, 3> Texts() {
  return {"右肺上葉に12mm大の結節。", "胸水なし。", Marked()};
}

// What becomes of a batch.
class Batch {
 public:
  explicit Batch(const ExtractorOptions& options) : options_(options) {
    const Extractor extractor(Demo(), options);
    for (const Outcome& outcome : extractor.ExtractBatch(Texts())) {
      wanted_.push_back(ToJson("", "", outcome.report()));
    }
  }

  // With an extractor of its own.
  void Run() {
    extractor_.emplace(Demo(), options_);
    outcomes_ = extractor_->ExtractBatch(Texts());
  }

  // What there is of Run() is whole and right, and the extractor works on.
  void Check() {
    if (outcomes_) CheckOutcomes(*outcomes_, false);
    if (extractor_) CheckOutcomes(extractor_->ExtractBatch(Texts()), true);
    outcomes_.reset();
    extractor_.reset();
  }

  bool some_failed() const { return some_failed_; }

 private:
  void CheckOutcomes(const std::vector<Outcome>& outcomes, bool all) {
    ASSERT_EQ(outcomes.size(), wanted_.size());
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if (outcomes[i].ok()) {
        ASSERT_EQ(ToJson("", "", outcomes[i].report()), wanted_[i]);
        continue;
      }
      some_failed_ = true;
      ASSERT_FALSE(all) << outcomes[i].error().what();
      ASSERT_EQ(outcomes[i].error().code(), ErrorCode::kOutOfMemory) << outcomes[i].error().what();
    }
  }

  const ExtractorOptions options_;
  std::vector<std::string> wanted_;
  std::optional<Extractor> extractor_;
  std::optional<std::vector<Outcome>> outcomes_;
  bool some_failed_ = false;
};

class OutOfMemoryBatch : public ::testing::TestWithParam<long> {  // how many allocations fail
 protected:
  static void FailEachOf(Batch& batch, bool blocks_stay = false) {
    FailEach([&] { batch.Run(); }, [&] { batch.Check(); },
             {.count = GetParam(), .least = 300, .most = 300, .blocks_stay = blocks_stay});
  }
};

// One failure is made good by reading the reports again, one by one; one more is that report's own.
TEST_P(OutOfMemoryBatch, WithoutACache) {
  Batch batch({.threads = 1});
  FailEachOf(batch);
  EXPECT_EQ(batch.some_failed(), GetParam() == testing::kTwo);
}

TEST_P(OutOfMemoryBatch, WithACache) {
  Batch batch({.threads = 1, .cache_bytes = 1 << 20});
  FailEachOf(batch);
}

TEST_P(OutOfMemoryBatch, WithACacheThatIsFull) {
  Batch batch({.threads = 1, .cache_bytes = 12'000});
  FailEachOf(batch);
}

// The failure is in a thread of the pool, too.
TEST_P(OutOfMemoryBatch, OnThreads) {
  Batch batch({.threads = 3, .cache_bytes = 1 << 20});
  FailEachOf(batch, true);
}

INSTANTIATE_TEST_SUITE_P(EachAllocation, OutOfMemoryBatch,
                         ::testing::Values(1, testing::kTwo, testing::kAll), testing::NameOfCount);

class OutOfMemoryParts : public ::testing::TestWithParam<long> {};

TEST_P(OutOfMemoryParts, Encoding) {
  const std::vector<std::int32_t> ids = {2, 10, 20, 30, 3, 2, 11, 3};
  const std::vector<std::size_t> lengths = {5, 3};
  const auto wanted = Encoder(Demo(), Stage::kEntities, 1).Encode({ids, lengths, {}}).states;
  std::optional<Encoder> encoder;
  std::optional<EncoderOutput> output;
  const auto encode = [&] {
    encoder.emplace(Demo(), Stage::kEntities, 1);
    output = encoder->Encode({ids, lengths, {}});
  };
  const auto check = [&] {
    ASSERT_TRUE(!output || output->states == wanted);
    ASSERT_TRUE(!encoder || encoder->Encode({ids, lengths, {}}).states == wanted);
    output.reset();
    encoder.reset();
  };
  FailEach(encode, check, {.count = GetParam(), .least = 10});
}

TEST_P(OutOfMemoryParts, Heads) {
  const Encoder encoder(Demo(), Stage::kEntities, 1);
  const std::vector<std::int32_t> ids = {2, 10, 20, 30, 40, 3};
  const std::vector<std::size_t> lengths = {ids.size()};
  const auto states = encoder.Encode({ids, lengths, {}}).states;
  const std::vector<HeadPair> pairs = {{{1}, {3}}, {{2}, {4}}};
  const radie::Heads heads(Demo());
  struct Found {
    std::vector<float> emissions, logits;
    std::vector<std::int32_t> labels;
    bool operator==(const Found&) const = default;
  };
  const auto find = [&] {
    Found found;
    found.emissions = heads.Emissions(states);
    found.labels = heads.Labels(ids, found.emissions);
    found.logits = heads.RelationLogits(states, pairs);
    return found;
  };
  FailEachMaking(find, std::identity(), {.count = GetParam(), .least = 5});
}

// What is written of a report and read around one.
TEST_P(OutOfMemoryParts, WritingAndReading) {
  const std::string text = "【所見】右肺上葉に12mm大の結節を認めます。\n【診断】肺癌疑い。";
  const StructuredReport report = Extractor(Demo(), {.threads = 1}).Extract(text);
  ASSERT_FALSE(report.findings.empty());
  const std::string message =
      "MSH|^~\\&|A|B|C|D|20260131||ORU^R01|1|P|2.5|||||JPN|UNICODE UTF-8\rOBR|1||7\r"
      "OBX|1|TX|18782-3||" +
      text.substr(0, text.find('\n')) + "\r";
  const std::vector<std::function<std::string()>> makers = {
      [&] { return ToJson("r", text, report, {.include_text = true}); },
      [&] { return ToTable("r", report); },
      [&] { return ToBrat(report); },
      [&] { return ToConll(text, report); },
      [&] { return ToHtml("r", text, report); },
      [&] { return ToFhir("r", text, report, {.subject = "Patient/1"}); },
      [&] { return ErrorToFhir("r", Error(ErrorCode::kInvalidText, "text: no UTF-8 at byte 7")); },
      [&] { return ReadHl7(message).at(0).report.value().text; },
      [&] {
        StructuredReport coded = report;
        AttachCodes(TermTable::Parse("結節\t1\tnodule\n右肺上葉\t2\tright upper lobe\n"), coded);
        return ToJson("r", "", coded);
      },
      [&] {
        return DecodeText("\x8C\x8B\x90\xDF\x82\xF0\x94\x46\x82\xDF\x82\xDC\x82\xB7",
                          Encoding::kCp932)
            .utf8();
      }};
  for (const auto& make : makers) {
    FailEachMaking(make, std::identity(), {.count = GetParam(), .least = 1});
  }
}

TEST_P(OutOfMemoryParts, PackingAndLoadingWhatIsPacked) {
  const std::string path = GoldenPath("tagger_crf.radie"), text(Texts()[0]);
  std::string packed;
  try {
    packed = PackModel(path, {.threads = 1});
  } catch (const Error& error) {
    GTEST_SKIP() << error.what() << ": NOT TESTED";
  }
  FailEachMaking([&] { return PackModel(path, {.threads = 1}); }, std::identity(),
                 {.count = GetParam(), .least = 500});
  FailEachMaking(
      [&] { return Model::LoadFromMemory(packed.data(), packed.size(), {.threads = 1}); },
      [&](const auto& model) { return ToJson("", "", Extractor(model, {.threads = 1}).Tag(text)); },
      {.count = GetParam(), .least = 300});
}

// A tokenizer with MeCab; nothing where there is none. (SentencePiece is not here: its protobuf
// takes it for granted that an allocation succeeds.)
std::optional<TextTokenizer> WithMecab() {
  TokenizerOptions options;
  options.profile = "bert-ja-mecab-ipadic";
  options.vocabulary = {"[UNK]", "[CLS]", "[SEP]", "右", "肺", "結節", "を", "認め", "ます"};
  try {
    return std::optional<TextTokenizer>(options);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnsupportedModel && error.code() != ErrorCode::kIo) throw;
    return std::nullopt;
  }
}

std::vector<std::int32_t> IdsOf(const TextTokenizer& tokenizer) {
  std::vector<std::int32_t> ids;
  for (const TextToken& token : tokenizer.Tokenize("右肺上葉に１２mm大の結節を認めます。")) {
    ids.push_back(token.id);
  }
  return ids;
}

TEST_P(OutOfMemoryParts, TokenizingWithMecab) {
  const std::optional<TextTokenizer> tokenizer = WithMecab();
  if (!tokenizer) GTEST_SKIP() << "no MeCab, or no dictionary: NOT TESTED";
  ASSERT_GT(IdsOf(*tokenizer).size(), 5U);
  FailEachMaking([&] { return IdsOf(*tokenizer); }, std::identity(),
                 {.count = GetParam(), .least = 20});
}

#if !defined(RADIE_SANITIZED)  // which would tell that MeCab loses what it had read of a dictionary
// There may be none: a stream that gets no memory is a file that cannot be opened, an Error of kIo.
TEST_P(OutOfMemoryParts, OpeningAMecabDictionary) {
  std::optional<TextTokenizer> tokenizer = WithMecab();
  if (!tokenizer) GTEST_SKIP() << "no MeCab, or no dictionary: NOT TESTED";
  const std::vector<std::int32_t> wanted = IdsOf(*tokenizer);
  const auto check = [&] {
    if (!tokenizer) tokenizer = WithMecab();
    ASSERT_TRUE(tokenizer && IdsOf(*tokenizer) == wanted);
    tokenizer.reset();
  };
  check();
  FailEach([&] { tokenizer = WithMecab(); }, check,
           {.count = GetParam(), .least = 100, .blocks_stay = true});
}
#endif

// What a child process writes.
std::string WrittenByChild(const std::function<std::string()>& work) {
  int ends[2];
  if (pipe(ends) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    const std::string text = work();
    const bool all = write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
    _exit(all ? 0 : 1);
  }
  close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? text : "ended by signal " + std::to_string(WTERMSIG(status));
}

std::shared_ptr<const Model> Tagger() {
  return Model::Load(GoldenPath("tagger_crf.radie"), {.threads = 1});
}

constexpr std::string_view kUndisturbed = "undisturbed ", kTold = "out of memory";

// What a use of everything makes, behind one of which allocations failed.
std::string MadeBySecondUse(testing::Failing failing) {
  const std::vector<std::string> vocabulary = {"[UNK]", "[CLS]", "[SEP]", "e"};
  std::string record;
  const auto use = [&] {
    record = ToJson("", "", Extractor(Tagger(), {.threads = 1}).Tag(Marked()));
    const TextTokenizer tokenizer({.profile = "bert-basic", .vocabulary = vocabulary});
    record += tokenizer.Tokenize(Marked()).back().text;
  };
  const testing::Trial first = testing::Try(use, failing);
  const std::string made = std::exchange(record, "");
  const testing::Trial second = testing::Try(use, testing::kNone);
  if (first.ending == testing::Ending::kDone && second.ending == first.ending && made != record) {
    return "not as the first use: " + record;
  }
  if (second.ending == testing::Ending::kTold) return std::string(kTold);
  return std::string(first.failed > 0 ? "" : kUndisturbed) + record + std::string(second.thrown);
}

// In a process that has used nothing: what is wrong where `count` allocations of its first use
// fail, each time in a child of its own, some of a model's loading and each that follows. Nothing
// if all is well.
std::string WrongAfterFirstUses(long count) {
  const auto made_at = [&](long n) {
    return WrittenByChild([&] { return MadeBySecondUse({n, count}); });
  };
  const std::string undisturbed = made_at(testing::kAll);
  if (undisturbed.size() < 100) return undisturbed;
  const long loading = std::stol(
      WrittenByChild([] { return std::to_string(testing::Try(Tagger, testing::kNone).made); }));
  long n = 0, told = 0;
  for (;;) {
    const std::string made = made_at(n);
    if (made == undisturbed) break;
    if (made != kTold && made != undisturbed.substr(kUndisturbed.size())) {
      return "allocation " + std::to_string(n) + ": " + made;
    }
    told += made == kTold;
    n = n < loading ? std::min(n + 12 * testing::kSlow, loading) : n + 1;
  }
  if (n < loading + 20) return "hardly anything was made to fail";
#if !defined(RADIE_SANITIZED)  // where ICU's own allocations do not fail
  if (told == 0) return "ICU's first use was not disturbed";
#endif
  return told > 8 ? std::to_string(told) + " failures were remembered" : "";
}

// A second use is as if nothing had been, but where the first was of ICU's tables: ICU remembers
// that it failed. In a process that runs this test alone: GoogleTest starts one for it.
TEST_P(OutOfMemoryParts, TheFirstUseInAProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto end = [] {
    const std::string wrong = WrongAfterFirstUses(GetParam());
    std::fputs(wrong.c_str(), stderr);
    std::_Exit(wrong.empty() ? 0 : 1);
  };
  EXPECT_EXIT(end(), ::testing::ExitedWithCode(0), "");
}

INSTANTIATE_TEST_SUITE_P(EachAllocation, OutOfMemoryParts,
                         ::testing::Values(1, testing::kTwo, testing::kAll), testing::NameOfCount);

}  // namespace
}  // namespace radie
