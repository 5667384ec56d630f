#include "libradie/extract/tagging.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "libradie/extract/sequence_set.h"
#include "libradie/extract/tag_rows.h"
#include "libradie/extract/windows.h"

namespace radie::internal {
namespace {

struct WindowedSentence {
  std::vector<Token> tokens;
  std::vector<Window> windows;
  std::vector<std::size_t> sequences;  // index into the batch's SequenceSet, by window
};

// Room for tokens between [CLS] and [SEP].
std::size_t Capacity(const EntityStage& stage) { return stage.encoder.config().max_positions - 2; }

std::vector<std::int32_t> WithSpecialTokens(const Tokenizer& tokenizer,
                                            const std::vector<Token>& tokens, TokenRange range) {
  std::vector<std::int32_t> ids;
  ids.reserve(range.size() + 2);
  ids.push_back(tokenizer.cls());
  for (std::size_t t = range.begin; t < range.end; ++t) ids.push_back(tokens[t].id);
  ids.push_back(tokenizer.sep());
  return ids;
}

std::vector<WindowedSentence> TokenizeReport(const EntityStage& stage,
                                             const PreparedReport& report) {
  std::vector<WindowedSentence> sentences;
  for (TextRange range : report.sentences) {
    WindowedSentence sentence;
    sentence.tokens = stage.tokenizer->Tokenize(report.normalized.text, range);
    sentence.windows = PlanWindows(sentence.tokens.size(), Capacity(stage));
    if (!sentence.tokens.empty()) sentences.push_back(std::move(sentence));
  }
  return sentences;
}

// The rows of a window that a path can read: its tokens', with special tokens all.
std::vector<std::size_t> ReadRows(const Sequence& window, bool special_tokens) {
  const std::size_t left_out = special_tokens ? 0 : 1;
  std::vector<std::size_t> rows(window.ids.size() - 2 * left_out);
  std::iota(rows.begin(), rows.end(), left_out);
  return rows;
}

// [rows that are read, labels] by sequence.
using Emissions = std::vector<Tensor>;

// Of every window: from the cache, else computed.
Emissions EmissionsOf(const EntityStage& stage, const SequenceSet& windows, ThreadPool& pool,
                      std::size_t max_batch_tokens, ResultCache& cache,
                      const std::stop_token& cancel) {
  constexpr std::int32_t kKind = 1;
  Emissions emissions(windows.size());
  std::vector<ResultCache::Key> keys(cache.enabled() ? windows.size() : 0);
  std::vector<std::size_t> missing;
  for (std::size_t index = 0; index < windows.size(); ++index) {
    if (cache.enabled()) {
      keys[index] = KeyWriter(kKind).Add(std::span<const std::int32_t>(windows[index].ids)).Take();
      if (std::optional<Tensor> known = cache.Find(keys[index])) {
        emissions[index] = std::move(*known);
        continue;
      }
    }
    missing.push_back(index);
  }
  windows.Encode(
      missing.size(), stage.encoder, pool, max_batch_tokens, cancel,
      [&](std::size_t number) -> SequenceSet::Reading {
        const std::size_t index = missing[number];
        return {index, ReadRows(windows[index], stage.path.special_tokens), {}};
      },
      [&](std::size_t number, ConstMatrixView states) {
        const std::size_t index = missing[number];
        emissions[index] = stage.tagger.Emissions(states);
        if (cache.enabled()) cache.Insert(keys[index], std::as_const(emissions[index]).view());
      });
  return emissions;
}

// The emissions of a sentence's path, each row from the window that owns its token.
Tensor PathEmissions(const WindowedSentence& sentence, const TagRows& path, bool special_tokens,
                     const Emissions& emissions) {
  const std::size_t left_out = special_tokens ? 0 : 1;  // rows before the first that was computed
  Tensor merged(path.rows().size(), emissions[sentence.sequences.front()].cols());
  std::size_t w = 0;
  for (std::size_t i = 0; i < merged.rows(); ++i) {
    const std::size_t row = path.rows()[i];  // 0 is [CLS]
    while (row > sentence.windows[w].owned.end && w + 1 < sentence.windows.size()) ++w;
    const ConstMatrixView from = emissions[sentence.sequences[w]].view();
    const float* read = from.row(row - sentence.windows[w].tokens.begin - left_out);
    std::copy(read, read + from.cols, merged.view().row(i));
  }
  return merged;
}

std::vector<TagSpan> TagSentence(const EntityStage& stage, const WindowedSentence& sentence,
                                 const Emissions& emissions) {
  std::vector<std::int32_t> ids;
  ids.reserve(sentence.tokens.size());
  for (const Token& token : sentence.tokens) ids.push_back(token.id);
  const TagRows rows(stage.path, ids);
  const Tensor read = PathEmissions(sentence, rows, stage.path.special_tokens, emissions);
  if (!AllFinite(read.view())) throw NotFinite("entities");
  std::vector<TagSpan> spans = stage.tagger.Tag(read.view());
  for (TagSpan& span : spans) span.tokens = rows.TokensOf(span.tokens);
  return spans;
}

// Appends the sentence's mentions. Two mentions can meet inside one piece of the source (the halves
// of ㎜): the piece then belongs to the first.
void AppendEntities(const std::vector<Token>& tokens, const std::vector<TagSpan>& spans,
                    PreparedReport& report) {
  for (const TagSpan& span : spans) {
    PlacedEntity entity;
    entity.text = {tokens[span.tokens.begin].range.begin, tokens[span.tokens.end - 1].range.end};
    entity.source = report.normalized.map.ToSource(entity.text);
    entity.type = span.type;
    entity.confidence = span.confidence;
    if (!report.entities.empty()) {
      entity.source.begin = std::max(entity.source.begin, report.entities.back().source.end);
    }
    if (entity.source.begin >= entity.source.end) {
      report.warnings.push_back(
          {"entity_shares_character", "an entity was left out: its only character at byte " +
                                          std::to_string(entity.source.end) +
                                          " belongs to the entity before it"});
      continue;
    }
    // As stage 2 alone would see the same mention: Extract() and Tag() + Relate() agree.
    entity.text = report.normalized.map.ToText(entity.source);
    report.entities.push_back(entity);
  }
}

}  // namespace

void TagReports(const EntityStage& stage, const std::vector<PreparedReport*>& reports,
                ThreadPool& pool, std::size_t max_batch_tokens, ResultCache& cache,
                const std::stop_token& cancel) {
  // Runs body(report number) for every report that goes on; its Error is that report's own.
  auto for_each_report = [&](const auto& body) {
    pool.For(reports.size(), [&](std::size_t r, std::size_t) {
      if (reports[r] == nullptr || reports[r]->error) return;
      try {
        body(r);
      } catch (const Error& error) {
        reports[r]->error = error;
      }
    });
  };

  std::vector<std::vector<WindowedSentence>> sentences(reports.size());
  for_each_report([&](std::size_t r) { sentences[r] = TokenizeReport(stage, *reports[r]); });

  SequenceSet sequences;
  for (std::vector<WindowedSentence>& report : sentences) {
    for (WindowedSentence& sentence : report) {
      for (const Window& window : sentence.windows) {
        sentence.sequences.push_back(sequences.Add(
            {WithSpecialTokens(*stage.tokenizer, sentence.tokens, window.tokens), {}}));
      }
    }
  }

  const Emissions emissions = EmissionsOf(stage, sequences, pool, max_batch_tokens, cache, cancel);
  for_each_report([&](std::size_t r) {
    for (const WindowedSentence& sentence : sentences[r]) {
      AppendEntities(sentence.tokens, TagSentence(stage, sentence, emissions), *reports[r]);
    }
  });
}

}  // namespace radie::internal
