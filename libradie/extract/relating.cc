#include "libradie/extract/relating.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "libradie/extract/sequence_set.h"

namespace radie::internal {
namespace {

// A candidate pair of one report of the batch.
struct BatchPair {
  std::size_t report;
  const CandidatePair* pair;
};

void WarnOutOfWindow(std::size_t pairs, PreparedReport& report) {
  if (pairs == 0) return;
  report.warnings.push_back(
      {"pairs_out_of_window", std::to_string(pairs) +
                                  " candidate pairs lie further apart than the model reads at once "
                                  "and were not classified"});
}

void WarnUnplaced(const RelationInput& input, PreparedReport& report) {
  const auto unplaced =
      std::count_if(input.mentions.begin(), input.mentions.end(),
                    [](const RelationInput::Mention& m) { return m.tokens.empty(); });
  if (unplaced == 0) return;
  report.warnings.push_back(
      {"entities_without_tokens", std::to_string(unplaced) +
                                      " entities hold nothing the model reads and were "
                                      "not related"});
}

RelationPlan PlanReport(const LoadedModel& model, const ExtractorOptions& options,
                        PreparedReport& report) {
  const RelationInput input = BuildRelationInput(*model.relations, report);
  RelationPlan plan =
      PlanRelations(input, *model.relations, *model.config.relations, options.max_pairs);
  WarnUnplaced(input, report);
  WarnOutOfWindow(plan.out_of_window, report);
  return plan;
}

class BatchClassifier {
 public:
  BatchClassifier(const LoadedModel& model, const std::vector<PreparedReport*>& reports)
      : model_(model), reports_(reports) {}

  // Scores the pairs that read one sequence and keeps those that are related.
  void Classify(const std::vector<BatchPair>& pairs, ConstMatrixView states) {
    const RelationClassifier& classifier = model_.relations->classifier;
    std::vector<PairRows> rows;
    rows.reserve(pairs.size());
    for (const BatchPair& pair : pairs) rows.push_back(pair.pair->rows);
    const Tensor pooled = classifier.Pool(states, rows);
    const Tensor logits = classifier.Logits(pooled.view());
    const bool finite = AllFinite(logits.view());
    for (std::size_t p = 0; p < pairs.size(); ++p) {
      if (finite) {
        Decide(*pairs[p].pair, logits.view().row(p), *reports_[pairs[p].report]);
      } else {
        reports_[pairs[p].report]->error = NotFinite("relations");
      }
    }
  }

 private:
  void Decide(const CandidatePair& pair, const float* logits, PreparedReport& report) {
    const RelationStage& stage = *model_.relations;
    const std::size_t head_type = report.entities[pair.head].type;
    const std::size_t tail_type = report.entities[pair.tail].type;
    const RelationScore score = RelationClassifier::Decide(
        logits, stage.allowed[head_type * stage.markers.size() + tail_type]);
    if (score.label == stage.none_label) return;
    report.relations.push_back(
        {model_.config.relations->labels[score.label], pair.head, pair.tail, score.probability});
  }

  const LoadedModel& model_;
  const std::vector<PreparedReport*>& reports_;
};

}  // namespace

RelationInput BuildRelationInput(const RelationStage& stage, const PreparedReport& report) {
  RelationInput input;
  std::vector<TextRange> ranges;  // by token, in order
  for (std::size_t s = 0; s < report.sentences.size(); ++s) {
    for (const Token& token :
         stage.tokenizer->Tokenize(report.normalized.text, report.sentences[s])) {
      input.tokens.push_back(token.id);
      input.sentence_of.push_back(s);
      ranges.push_back(token.range);
    }
  }
  std::size_t end =
      0;  // of the mention before: a mention without tokens keeps its place in the order
  for (const PlacedEntity& entity : report.entities) {
    RelationInput::Mention mention{{end, end}, entity.type};
    if (!entity.text.empty()) {
      auto first = std::partition_point(ranges.begin(), ranges.end(), [&](const TextRange& r) {
        return r.end <= entity.text.begin;
      });
      auto last = std::partition_point(
          first, ranges.end(), [&](const TextRange& r) { return r.begin < entity.text.end; });
      mention.tokens = {static_cast<std::size_t>(first - ranges.begin()),
                        static_cast<std::size_t>(last - ranges.begin())};
    }
    end = mention.tokens.end;
    input.mentions.push_back(mention);
  }
  return input;
}

void RelateReports(const LoadedModel& model, const std::vector<PreparedReport*>& reports,
                   ThreadPool& pool, const ExtractorOptions& options) {
  std::vector<RelationPlan> plans(reports.size());
  pool.For(reports.size(), [&](std::size_t r, std::size_t) {
    if (reports[r] == nullptr) return;
    try {
      plans[r] = PlanReport(model, options, *reports[r]);
    } catch (const Error& error) {
      reports[r]->error = error;
    }
  });

  SequenceSet sequences;
  std::vector<std::vector<BatchPair>> readers;  // by sequence of the set
  for (std::size_t r = 0; r < plans.size(); ++r) {
    std::vector<std::size_t> in_set;
    for (std::vector<std::int32_t>& sequence : plans[r].sequences) {
      in_set.push_back(sequences.Add(std::move(sequence)));
    }
    readers.resize(sequences.size());
    for (const CandidatePair& pair : plans[r].pairs) {
      readers[in_set[pair.sequence]].push_back({r, &pair});
    }
  }

  BatchClassifier classifier(model, reports);
  sequences.Encode(model.relations->encoder, pool, options.max_batch_tokens,
                   [&](std::size_t index, ConstMatrixView states) {
                     classifier.Classify(readers[index], states);
                   });
  for (PreparedReport* report : reports) {
    if (report == nullptr) continue;
    std::sort(report->relations.begin(), report->relations.end(),
              [](const Relation& a, const Relation& b) {
                return std::tie(a.tail, a.head) < std::tie(b.tail, b.head);
              });
  }
}

}  // namespace radie::internal
