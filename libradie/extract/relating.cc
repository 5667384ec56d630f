#include "libradie/extract/relating.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>

#include "libradie/extract/pair_reading.h"
#include "libradie/extract/sequence_set.h"

namespace radie::internal {
namespace {

// Sequences are planned and encoded in rounds of about so many tokens: memory does not grow with
// the number of pairs.
constexpr std::size_t kRoundTokens = std::size_t{1} << 17;

// A report as stage 2 reads it, and what it asks of it.
struct Plan {
  RelationInput input;
  std::vector<Candidates> candidates;
  std::size_t out_of_window = 0;
};

Plan PlanReport(const LoadedModel& model, const ExtractorOptions& options,
                const PreparedReport& report) {
  Plan plan;
  plan.input = BuildRelationInput(*model.relations, report);
  plan.candidates =
      FindCandidates(plan.input, *model.relations, *model.config.relations, options.max_pairs);
  return plan;
}

void Warn(const Plan& plan, PreparedReport& report) {
  const auto unplaced =
      std::count_if(plan.input.mentions.begin(), plan.input.mentions.end(),
                    [](const RelationInput::Mention& m) { return m.tokens.empty(); });
  if (unplaced > 0) {
    report.warnings.push_back(
        {"entities_without_tokens",
         std::to_string(unplaced) + " entities hold nothing the model reads and were not related"});
  }
  if (plan.out_of_window > 0) {
    report.warnings.push_back(
        {"pairs_out_of_window", std::to_string(plan.out_of_window) +
                                    " candidate pairs lie further apart than the model reads at "
                                    "once and were not classified"});
  }
}

// Encodes what is added, each distinct sequence of a round once, and writes the relations to the
// reports.
class PairClassifier {
 public:
  PairClassifier(const LoadedModel& model, const std::vector<PreparedReport*>& reports,
                 ThreadPool& pool, const ExtractorOptions& options, ResultCache& cache,
                 const std::stop_token& cancel)
      : model_(model),
        config_(*model.config.relations),
        reports_(reports),
        pool_(pool),
        options_(options),
        cache_(cache),
        cancel_(cancel) {}

  void Add(std::size_t report, RelationSequences encoded) {
    std::vector<std::size_t> in_round;
    for (Sequence& sequence : encoded.sequences) {
      const std::size_t tokens = sequence.ids.size(), known = sequences_.size();
      in_round.push_back(sequences_.Add(std::move(sequence)));
      if (sequences_.size() != known) tokens_ += tokens;
    }
    readers_.resize(sequences_.size());
    for (const CandidatePair& pair : encoded.pairs) {
      readers_[in_round[pair.sequence]].push_back({report, pair});
    }
    if (config_.layout == RelationsConfig::Layout::kLevitated) {
      tokens_ += encoded.pairs.size() * MarkerGroup::kRows;
    }
    if (tokens_ >= kRoundTokens) Flush();
  }

  void Flush() {
    const std::vector<Batch> batches = MakeBatches();
    std::vector<ResultCache::Key> keys(cache_.enabled() ? batches.size() : 0);
    std::vector<std::size_t> missing;
    for (std::size_t b = 0; b < batches.size(); ++b) {
      std::optional<Tensor> known;
      if (cache_.enabled()) {
        known = cache_.Find(keys[b] = batches[b].reading.Key(sequences_));
      }
      if (known) {
        Decide(batches[b], *known);
      } else {
        missing.push_back(b);
      }
    }
    sequences_.Encode(
        missing.size(), model_.relations->encoder, pool_, options_.max_batch_tokens, cancel_,
        [&](std::size_t number) { return batches[missing[number]].reading.reading(); },
        [&](std::size_t number, ConstMatrixView states) {
          const Batch& batch = batches[missing[number]];
          const Tensor logits = batch.reading.Score(model_.relations->classifier, states);
          Decide(batch, logits);
          if (cache_.enabled()) cache_.Insert(keys[missing[number]], logits.view());
        });
    sequences_ = SequenceSet();
    readers_.clear();
    tokens_ = 0;
  }

 private:
  struct Reader {
    std::size_t report;
    CandidatePair pair;
  };

  // Readers of one sequence, and what they ask of it together.
  struct Batch {
    PairReading reading;
    std::span<const Reader> readers;
  };

  // Orders the readers by their questions, which more than one may have, and cuts them where a
  // reading is full.
  std::vector<Batch> MakeBatches() {
    std::vector<Batch> batches;
    batches.reserve(sequences_.size());
    for (std::size_t index = 0; index < sequences_.size(); ++index) {
      std::vector<Reader>& readers = readers_[index];
      std::stable_sort(readers.begin(), readers.end(), [](const Reader& a, const Reader& b) {
        return a.pair.question < b.pair.question;
      });
      const std::size_t most =
          PairReading::MostQuestions(config_, sequences_[index], options_.max_batch_tokens);
      for (std::size_t first = 0, last = 0; first < readers.size(); first = last) {
        std::vector<PairQuestion> questions;
        for (; last < readers.size(); ++last) {
          const PairQuestion& question = readers[last].pair.question;
          if (!questions.empty() && questions.back() == question) continue;
          if (questions.size() == most) break;
          questions.push_back(question);
        }
        batches.push_back({PairReading(config_, sequences_, index, std::move(questions)),
                           std::span(readers).subspan(first, last - first)});
      }
    }
    return batches;
  }

  // Keeps the readers' pairs that are related. Readers stand in the order of the questions, whose
  // rows of the logits these are.
  void Decide(const Batch& batch, const Tensor& logits) {
    const Reader* before = nullptr;
    std::size_t p = 0;
    for (const Reader& reader : batch.readers) {
      if (before != nullptr && before->pair.question != reader.pair.question) ++p;
      before = &reader;
      PreparedReport& report = *reports_[reader.report];
      if (AllFinite(logits.view().Rows(p, p + 1))) {
        Decide(reader.pair, logits.view().row(p), report);
      } else {
        report.error = NotFinite("relations");
      }
    }
  }

  void Decide(const CandidatePair& pair, const float* logits, PreparedReport& report) {
    const RelationStage& stage = *model_.relations;
    const std::size_t head_type = report.entities[pair.head].type;
    const std::size_t tail_type = report.entities[pair.tail].type;
    const RelationScore score = RelationClassifier::Decide(
        logits, stage.allowed[head_type * stage.entity_types + tail_type], config_.temperature);
    if (score.label == stage.none_label) return;
    report.relations.push_back(
        {config_.labels[score.label], pair.head, pair.tail, score.probability});
  }

  const LoadedModel& model_;
  const RelationsConfig& config_;
  const std::vector<PreparedReport*>& reports_;
  ThreadPool& pool_;
  const ExtractorOptions& options_;
  ResultCache& cache_;
  const std::stop_token& cancel_;
  SequenceSet sequences_;                     // of this round
  std::vector<std::vector<Reader>> readers_;  // by sequence
  std::size_t tokens_ = 0;
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
                   ThreadPool& pool, const ExtractorOptions& options, ResultCache& cache,
                   const std::stop_token& cancel) {
  std::vector<Plan> plans(reports.size());
  pool.For(reports.size(), [&](std::size_t r, std::size_t) {
    if (reports[r] == nullptr) return;
    try {
      plans[r] = PlanReport(model, options, *reports[r]);
    } catch (const Error& error) {
      reports[r]->error = error;
    }
  });

  PairClassifier classifier(model, reports, pool, options, cache, cancel);
  for (std::size_t r = 0; r < plans.size(); ++r) {
    for (const Candidates& candidates : plans[r].candidates) {
      RelationSequences encoded =
          EncodeCandidates(plans[r].input, *model.relations, *model.config.relations, candidates);
      plans[r].out_of_window += encoded.out_of_window;
      classifier.Add(r, std::move(encoded));
    }
  }
  classifier.Flush();

  for (std::size_t r = 0; r < reports.size(); ++r) {
    if (reports[r] == nullptr) continue;
    Warn(plans[r], *reports[r]);
    std::sort(reports[r]->relations.begin(), reports[r]->relations.end(),
              [](const Relation& x, const Relation& y) {
                return std::tie(x.tail, x.head) < std::tie(y.tail, y.head);
              });
  }
}

}  // namespace radie::internal
