#include "libradie/extract/tagging.h"

#include <algorithm>
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

// One sentence's emissions: [CLS], its tokens, [SEP], each row from the window that owns it.
Tensor MergeWindows(const WindowedSentence& sentence, const std::vector<Tensor>& emissions) {
  Tensor merged(sentence.tokens.size() + 2, emissions[sentence.sequences.front()].cols());
  auto copy = [&](const float* row, std::size_t to) {
    std::copy(row, row + merged.cols(), merged.view().row(to));
  };
  const ConstMatrixView first = emissions[sentence.sequences.front()].view();
  const ConstMatrixView last = emissions[sentence.sequences.back()].view();
  copy(first.row(0), 0);
  copy(last.row(last.rows - 1), merged.rows() - 1);
  for (std::size_t w = 0; w < sentence.windows.size(); ++w) {
    const Window& window = sentence.windows[w];
    const ConstMatrixView from = emissions[sentence.sequences[w]].view();
    for (std::size_t t = window.owned.begin; t < window.owned.end; ++t) {
      copy(from.row(t - window.tokens.begin + 1), t + 1);  // row 0 is [CLS]
    }
  }
  return merged;
}

std::vector<TagSpan> TagSentence(const EntityStage& stage, const WindowedSentence& sentence,
                                 const std::vector<Tensor>& emissions) {
  std::vector<std::int32_t> ids;
  ids.reserve(sentence.tokens.size());
  for (const Token& token : sentence.tokens) ids.push_back(token.id);
  const TagRows rows(stage.path, ids);
  const Tensor selected = rows.Select(MergeWindows(sentence, emissions).view());
  if (!AllFinite(selected.view())) throw NotFinite("entities");
  std::vector<TagSpan> spans = stage.tagger.Tag(selected.view());
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
                ThreadPool& pool, std::size_t max_batch_tokens) {
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

  std::vector<Tensor> emissions(sequences.size());
  sequences.Encode(stage.encoder, pool, max_batch_tokens,
                   [&](std::size_t index, ConstMatrixView states) {
                     emissions[index] = stage.tagger.Emissions(states);
                   });

  for_each_report([&](std::size_t r) {
    for (const WindowedSentence& sentence : sentences[r]) {
      AppendEntities(sentence.tokens, TagSentence(stage, sentence, emissions), *reports[r]);
    }
  });
}

}  // namespace radie::internal
