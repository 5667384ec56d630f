// The paper's figures: micro F1 of entities and relations, how much was covered, and how sure that
// is. Definitions: docs/evaluation.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "radie/export.h"
#include "radie/report.h"

namespace radie {

struct Score {
  std::size_t gold = 0, predicted = 0, correct = 0;

  double precision() const { return predicted == 0 ? 0.0 : double(correct) / double(predicted); }
  double recall() const { return gold == 0 ? 0.0 : double(correct) / double(gold); }
  double f1() const {
    return gold + predicted == 0 ? 0.0 : 2.0 * double(correct) / double(gold + predicted);
  }
};

struct ClassifiedScore {
  Score micro;
  std::map<std::string, Score> by_type;  // ordered by name
};

// How much of what is annotated was found. A gold entity is one span and type; a code point counts
// once, however many entities it lies in.
struct Coverage {
  std::size_t entities = 0;              // of the gold reports
  std::size_t strict = 0;                // of these: one of the same span and type was found
  std::size_t overlapping = 0;           // … one of the same type that shares a code point
  std::size_t overlapping_any_type = 0;  // … one of whatever type that shares a code point

  std::size_t characters = 0;           // code points inside gold entities
  std::size_t characters_found = 0;     // of these: inside predicted ones of the same type too
  std::size_t characters_any_type = 0;  // … of whatever type
};

// What became of the types. Entities of equal spans are paired, those of equal types first; the
// rest is missed or spurious. So a gold type's row and `missed` add up to its gold entities, a
// predicted type's column and `spurious` to its predicted ones.
struct Confusion {
  std::map<std::string, std::map<std::string, std::size_t>> same_span;  // [gold][predicted]
  std::map<std::string, std::size_t> missed;                            // [gold]
  std::map<std::string, std::size_t> spurious;                          // [predicted]
};

// Classes of certainty of the gold objects that have one: `gold` counts them, `predicted` those of
// them whose span and type were found with a class, `correct` the ones of the gold class. By class,
// `gold` and `predicted` count under their own. So precision is the accuracy on objects that were
// found, recall on all.
struct CertaintyScores {
  ClassifiedScore scores;                                             // by CertaintyName
  std::map<std::string, std::map<std::string, std::size_t>> classes;  // [gold][predicted]
};

// Something that was predicted with a confidence, and whether it was right.
struct Judged {
  double confidence = 0.0;
  bool correct = false;
};

// The micro scores of one report, named as in EvaluationResult.
struct ReportScores {
  Score entities_strict, entities_boundary, entities_tags;
  Score relations_strict, relations_boundary;
  Score certainty;
};

struct EvaluationResult {
  std::size_t reports = 0;
  ClassifiedScore entities_strict;  // same span and type
  ClassifiedScore
      entities_boundary;  // same span, any type; by_type by the gold type, else by the predicted
  ClassifiedScore relations_strict;    // both spans, both entity types, relation type
  ClassifiedScore relations_boundary;  // both spans and relation type

  // Entities as IOB2 tags of code points tell them, which is what seqeval's default mode counts. A
  // code point has one tag: of entities that overlap, the one that begins first is tagged (the
  // longer one, where both begin together); the others are counted in `untagged_…` instead.
  ClassifiedScore entities_tags;
  std::size_t untagged_gold = 0, untagged_predicted = 0;

  Coverage coverage;
  Confusion confusion;
  CertaintyScores certainty;
  std::vector<Judged> entity_confidences;    // strict; each predicted entity once
  std::vector<Judged> relation_confidences;  // strict; the relation's own confidence
  std::vector<ReportScores> by_report;       // in the order of Add()
};

// Adds up reports; a pair of spans is compared in code points of the same text. Not thread-safe.
class RADIE_API Evaluation {
 public:
  // `gold` and `predicted` describe the same text. Duplicated entities or relations count once.
  // Certainty is that of the findings; of an object with several findings the first one's. Throws
  // Error(kInvalidArgument), counting nothing, when an index of a report points past its entities.
  void Add(const StructuredReport& gold, const StructuredReport& predicted);
  const EvaluationResult& result() const { return result_; }

 private:
  EvaluationResult result_;
};

// How far confidences agree with the share that was right. Bins are of equal width.
struct Calibration {
  struct Bin {
    std::size_t count = 0;
    double confidence = 0.0;  // mean
    double accuracy = 0.0;
  };
  std::size_t count = 0;
  double confidence = 0.0;  // mean
  double accuracy = 0.0;
  double error = 0.0;  // expected calibration error: Σ count · |accuracy − confidence| / all
  double log_loss =
      0.0;  // mean of −log of the probability given to what was the case, at most 27.6
  std::vector<Bin> bins;
};

// `bins` is at least 1. Throws Error(kInvalidArgument) for a confidence that is not 0 to 1.
RADIE_API Calibration MeasureCalibration(std::span<const Judged> judged, std::size_t bins = 10);

struct Interval {
  double low = 0.0, high = 0.0;
};

struct ScoreIntervals {
  Interval precision, recall, f1;
};

struct EvaluationIntervals {
  ScoreIntervals entities_strict, entities_boundary, entities_tags;
  ScoreIntervals relations_strict, relations_boundary;
  ScoreIntervals certainty;
};

struct BootstrapOptions {
  std::size_t resamples = 2000;  // 1 to 1,000,000
  std::uint64_t seed = 1;
  double level = 0.95;  // between 0 and 1
};

// Percentile bootstrap over reports: draws as many reports as there are, with replacement,
// `resamples` times, and takes the quantiles (linear between neighbours) of the micro figures. Uses
// a generator of its own, so that the same input gives the same bits everywhere. All zero when
// there are no reports. Throws Error(kInvalidArgument) when an option is out of range.
RADIE_API EvaluationIntervals BootstrapIntervals(std::span<const ReportScores> reports,
                                                 const BootstrapOptions& options = {});

}  // namespace radie
