#include "libradie/extract/relating.h"

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <utility>

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

template <typename T>
void SortDistinct(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

// Where `value`, which is there, stands.
template <typename T>
std::size_t PlaceOf(const std::vector<T>& ascending, const T& value) {
  return static_cast<std::size_t>(std::lower_bound(ascending.begin(), ascending.end(), value) -
                                  ascending.begin());
}

// Encodes what is added, each distinct sequence of a round once, and writes the relations to the
// reports.
class PairClassifier {
 public:
  PairClassifier(const LoadedModel& model, const std::vector<PreparedReport*>& reports,
                 ThreadPool& pool, const ExtractorOptions& options, ResultCache& cache,
                 const std::stop_token& cancel)
      : model_(model),
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
    for (CandidatePair& pair : encoded.pairs) {
      readers_[in_round[pair.sequence]].push_back({report, std::move(pair)});
    }
    if (tokens_ >= kRoundTokens) Flush();
  }

  void Flush() {
    std::vector<Reading> readings;
    readings.reserve(sequences_.size());
    for (const std::vector<Reader>& readers : readers_) readings.push_back(ReadingOf(readers));
    std::vector<ResultCache::Key> keys(cache_.enabled() ? sequences_.size() : 0);
    std::vector<std::size_t> missing;
    for (std::size_t index = 0; index < sequences_.size(); ++index) {
      std::shared_ptr<const Tensor> known;
      if (cache_.enabled()) known = cache_.Find(keys[index] = KeyOf(index, readings[index]));
      if (known == nullptr) {
        missing.push_back(index);
      } else {
        Decide(readers_[index], readings[index], *known);
      }
    }
    sequences_.Encode(
        missing, model_.relations->encoder, pool_, options_.max_batch_tokens, cancel_,
        [&](std::size_t index) { return readings[index].rows; },
        [&](std::size_t index, ConstMatrixView states) {
          const auto logits = std::make_shared<const Tensor>(Score(readings[index], states));
          Decide(readers_[index], readings[index], *logits);
          if (cache_.enabled()) cache_.Insert(std::move(keys[index]), logits);
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

  // What is asked of one sequence: the rows that any pair reads, ascending, and the distinct pairs
  // of rows, which more than one reader may want.
  struct Reading {
    std::vector<std::size_t> rows;
    std::vector<PairRows> pairs;  // ascending
  };

  Reading ReadingOf(const std::vector<Reader>& readers) const {
    const RelationsConfig& config = *model_.config.relations;
    Reading reading;
    if (config.ReadsCls() && !readers.empty()) reading.rows.push_back(0);
    for (const Reader& reader : readers) reading.pairs.push_back(reader.pair.rows);
    SortDistinct(reading.pairs);
    for (const PairRows& pair : reading.pairs) {
      for (const auto& [first, last] : {pair.head, pair.tail}) {
        reading.rows.insert(reading.rows.end(), {first, last});
        if (!config.AveragesRows()) continue;
        for (std::size_t row = first + 1; row < last; ++row) reading.rows.push_back(row);
      }
    }
    SortDistinct(reading.rows);
    return reading;
  }

  ResultCache::Key KeyOf(std::size_t index, const Reading& reading) const {
    constexpr std::int32_t kKind = 2;
    const Sequence& sequence = sequences_[index];
    KeyWriter writer(kKind);
    writer.Add(std::span<const std::int32_t>(sequence.ids));
    writer.Add(std::span<const std::int32_t>(sequence.types));
    for (const PairRows& pair : reading.pairs) {
      writer.Add(std::span<const std::size_t>(pair.head));
      writer.Add(std::span<const std::size_t>(pair.tail));
    }
    return writer.Take();
  }

  // Logits [pairs, labels] of one sequence's pairs. states: of the rows that are read.
  Tensor Score(const Reading& reading, ConstMatrixView states) const {
    std::vector<PairRows> pairs = reading.pairs;
    for (PairRows& pair : pairs) {
      for (std::size_t& row : pair.head) row = PlaceOf(reading.rows, row);
      for (std::size_t& row : pair.tail) row = PlaceOf(reading.rows, row);
    }
    const RelationClassifier& classifier = model_.relations->classifier;
    return classifier.Logits(classifier.Pool(states, pairs).view());
  }

  // Keeps the readers' pairs that are related.
  void Decide(const std::vector<Reader>& readers, const Reading& reading, const Tensor& logits) {
    for (const Reader& reader : readers) {
      PreparedReport& report = *reports_[reader.report];
      const std::size_t p = PlaceOf(reading.pairs, reader.pair.rows);
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
        logits, stage.allowed[head_type * stage.entity_types + tail_type],
        model_.config.relations->temperature);
    if (score.label == stage.none_label) return;
    report.relations.push_back(
        {model_.config.relations->labels[score.label], pair.head, pair.tail, score.probability});
  }

  const LoadedModel& model_;
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
