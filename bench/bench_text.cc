// From bytes to token ids, over the sample reports: see README.md.
#include <benchmark/benchmark.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bench/sample_reports.h"
#include "libradie/text/document.h"
#include "libradie/text/normalization.h"
#include "libradie/text/normalize.h"
#include "libradie/text/sentences.h"
#include "libradie/tokenize/tokenizer.h"
#include "radie/error.h"

namespace radie {
namespace {

constexpr std::size_t kVocabulary = 32'000;  // as large as those of Japanese BERT models

const std::vector<std::string>& Reports() {
  static const std::vector<std::string> reports = SampleReports();
  return reports;
}

std::vector<std::string> Normalized() {
  std::vector<std::string> texts;
  for (const std::string& report : Reports()) {
    texts.push_back(Normalize(Document::Decode(report), NormalizationProfile::kRadiologyJa).text);
  }
  return texts;
}

void BenchDecode(benchmark::State& state) {
  for (auto _ : state) {
    for (const std::string& report : Reports()) {
      benchmark::DoNotOptimize(Document::Decode(report).text().data());
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(TotalBytes(Reports())));
}
BENCHMARK(BenchDecode)->Name("decode");

void BenchNormalize(benchmark::State& state, NormalizationProfile profile) {
  std::vector<Document> documents;
  for (const std::string& report : Reports()) documents.push_back(Document::Decode(report));
  for (auto _ : state) {
    for (const Document& document : documents) {
      benchmark::DoNotOptimize(Normalize(document, profile).text.data());
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(TotalBytes(Reports())));
}
BENCHMARK_CAPTURE(BenchNormalize, none, NormalizationProfile::kNone)->Name("normalize/none");
BENCHMARK_CAPTURE(BenchNormalize, nfkc, NormalizationProfile::kNfkc)->Name("normalize/nfkc");
BENCHMARK_CAPTURE(BenchNormalize, radiology, NormalizationProfile::kRadiologyJa)
    ->Name("normalize/radiology-ja");

// What older checkpoints were trained on: the longest usual list of steps.
void BenchSteps(benchmark::State& state) {
  using Kind = NormalizationStep::Kind;
  NormalizationSteps steps(6);
  const Kind kinds[] = {Kind::kCutHeader, Kind::kCutFooter, Kind::kNfkc,
                        Kind::kNeologdn,  Kind::kH2z,       Kind::kNewlineToStop};
  for (std::size_t i = 0; i < steps.size(); ++i) steps[i].kind = kinds[i];
  steps[0].pattern = "【所見】";
  steps[1].pattern = "^以上";
  const Normalization normalization(steps);
  for (auto _ : state) {
    for (const std::string& report : Reports()) {
      benchmark::DoNotOptimize(normalization.Apply(Document::Decode(report)).text.data());
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(TotalBytes(Reports())));
}
BENCHMARK(BenchSteps)->Name("normalize/six-steps");

void BenchSentences(benchmark::State& state) {
  const std::vector<std::string> texts = Normalized();
  for (auto _ : state) {
    for (const std::string& text : texts) {
      benchmark::DoNotOptimize(SplitSentences(text, SentenceRules::kRadiologyJa).data());
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(TotalBytes(texts)));
}
BENCHMARK(BenchSentences)->Name("sentences/radiology-ja");

std::vector<std::string_view> CodePoints(std::string_view text) {
  std::vector<std::string_view> points;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    points.push_back(text.substr(at, end - at));
    at = end;
  }
  return points;
}

// Every character of the texts and every second pair of characters, alone and as a later piece, and
// tokens that never occur.
std::shared_ptr<const Vocab> MakeVocabulary(const std::vector<std::string>& texts) {
  std::set<std::string> pieces;
  for (const std::string& text : texts) {
    const std::vector<std::string_view> points = CodePoints(text);
    for (std::size_t i = 0; i < points.size(); ++i) {
      pieces.insert(std::string(points[i]));
      if (i % 2 == 1) pieces.insert(std::string(points[i - 1]) + std::string(points[i]));
    }
  }
  std::vector<std::string> tokens = {"[UNK]", "[CLS]", "[SEP]"};
  for (const std::string& piece : pieces) {
    tokens.push_back(piece);
    tokens.push_back("##" + piece);
  }
  while (tokens.size() < kVocabulary)
    tokens.push_back("[unused" + std::to_string(tokens.size()) + "]");
  return std::make_shared<const Vocab>(std::move(tokens));
}

// Skipped, with the reason, where the tokenizer cannot be made (no dictionary, a build without it).
std::unique_ptr<const Tokenizer> MakeOrSkip(benchmark::State& state, const TokenizerConfig& config,
                                            const std::shared_ptr<const Vocab>& vocab) {
  try {
    return MakeTokenizer(config, vocab);
  } catch (const Error& error) {
    state.SkipWithError(error.what());
    return nullptr;
  }
}

void TokenizeReports(benchmark::State& state, const Tokenizer& tokenizer,
                     const std::vector<std::string>& texts) {
  std::vector<std::vector<TextRange>> sentences;
  for (const std::string& text : texts) {
    sentences.push_back(SplitSentences(text, SentenceRules::kRadiologyJa));
  }
  std::size_t tokens = 0;
  for (auto _ : state) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      for (const TextRange& sentence : sentences[i]) {
        tokens += tokenizer.Tokenize(texts[i], sentence).size();
      }
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(TotalBytes(texts)));
  state.counters["tokens/s"] =
      benchmark::Counter(static_cast<double>(tokens), benchmark::Counter::kIsRate);
}
void BenchTokenize(benchmark::State& state, const char* profile, bool lower, WordSplitter words) {
  const std::vector<std::string> texts = Normalized();
  TokenizerConfig config = TokenizerConfig::Of(profile);
  config.do_lower_case = config.strip_accents = lower;
  config.words = words;
  if (words == WordSplitter::kMecab || config.profile == "uth-bert") config.dictionary = "ipadic";
  const auto tokenizer = MakeOrSkip(state, config, MakeVocabulary(texts));
  if (tokenizer != nullptr) TokenizeReports(state, *tokenizer, texts);
}
BENCHMARK_CAPTURE(BenchTokenize, char_tokens, "char", false, WordSplitter::kNone)
    ->Name("tokenize/char");
BENCHMARK_CAPTURE(BenchTokenize, cased, "bert-basic", false, WordSplitter::kNone)
    ->Name("tokenize/bert-basic-cased");
BENCHMARK_CAPTURE(BenchTokenize, uncased, "bert-basic", true, WordSplitter::kNone)
    ->Name("tokenize/bert-basic-uncased");
BENCHMARK_CAPTURE(BenchTokenize, ipadic, "bert-ja-mecab-ipadic", false, WordSplitter::kNone)
    ->Name("tokenize/bert-ja-mecab-ipadic");
BENCHMARK_CAPTURE(BenchTokenize, unidic, "bert-ja-mecab-unidic", false, WordSplitter::kNone)
    ->Name("tokenize/bert-ja-mecab-unidic");
BENCHMARK_CAPTURE(BenchTokenize, ja_char, "bert-ja-char", false, WordSplitter::kNone)
    ->Name("tokenize/bert-ja-char");
BENCHMARK_CAPTURE(BenchTokenize, ja_char_mecab, "bert-ja-char", false, WordSplitter::kMecab)
    ->Name("tokenize/bert-ja-char-mecab");
BENCHMARK_CAPTURE(BenchTokenize, uth, "uth-bert", false, WordSplitter::kNone)
    ->Name("tokenize/uth-bert-on-ipadic");

// With the model of the tests, whose few pieces are short.
void BenchSentencePiece(benchmark::State& state) {
  std::ifstream file(RADIE_SOURCE_DIR "/tests/golden/sentencepiece_small.model", std::ios::binary);
  TokenizerConfig config = TokenizerConfig::Of("sentencepiece");
  config.sentencepiece_model.assign(std::istreambuf_iterator<char>(file), {});
  config.unk_token = "<unk>";
  const auto vocab =
      std::make_shared<const Vocab>(std::vector<std::string>{"<unk>", "[CLS]", "[SEP]"});
  const auto tokenizer = MakeOrSkip(state, config, vocab);
  if (tokenizer != nullptr) TokenizeReports(state, *tokenizer, Normalized());
}
BENCHMARK(BenchSentencePiece)->Name("tokenize/sentencepiece");

}  // namespace
}  // namespace radie

BENCHMARK_MAIN();
