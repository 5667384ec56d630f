// From bytes to token ids, over the sample reports: see README.md.
#include <benchmark/benchmark.h>

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bench/sample_reports.h"
#include "libradie/text/document.h"
#include "libradie/text/normalize.h"
#include "libradie/text/sentences.h"
#include "libradie/tokenize/tokenizer.h"

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

void BenchTokenize(benchmark::State& state, const char* profile, bool lower) {
  const std::vector<std::string> texts = Normalized();
  TokenizerConfig config;
  config.profile = profile;
  config.do_lower_case = config.strip_accents = lower;
  const std::unique_ptr<const Tokenizer> tokenizer = MakeTokenizer(config, MakeVocabulary(texts));
  std::vector<std::vector<TextRange>> sentences;
  for (const std::string& text : texts) {
    sentences.push_back(SplitSentences(text, SentenceRules::kRadiologyJa));
  }
  std::size_t tokens = 0;
  for (auto _ : state) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      for (const TextRange& sentence : sentences[i]) {
        tokens += tokenizer->Tokenize(texts[i], sentence).size();
      }
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(TotalBytes(texts)));
  state.counters["tokens/s"] =
      benchmark::Counter(static_cast<double>(tokens), benchmark::Counter::kIsRate);
}
BENCHMARK_CAPTURE(BenchTokenize, char_tokens, "char", false)->Name("tokenize/char");
BENCHMARK_CAPTURE(BenchTokenize, cased, "bert-basic", false)->Name("tokenize/bert-basic-cased");
BENCHMARK_CAPTURE(BenchTokenize, uncased, "bert-basic", true)->Name("tokenize/bert-basic-uncased");

}  // namespace
}  // namespace radie

BENCHMARK_MAIN();
