// The reports with the most errors.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "radie/evaluation.h"
#include "tools/gold.h"
#include "tools/kept_either_way.h"

namespace radie::tools {

struct ErrorCounts {
  std::size_t missed = 0, spurious = 0;
  std::size_t all() const { return missed + spurious; }
};

// An entity of one side only, with the report's text at its place.
struct WrongEntity {
  std::string type;
  Range range;  // code points
  std::string text;
};

// Kept only on request: this is report text.
struct WorstText {
  std::string text;
  std::vector<WrongEntity> missed, spurious;
};

struct WorstReport {
  std::string id;
  bool failed = false;
  std::size_t errors = 0;  // what the list is ordered by
  std::optional<ErrorCounts> entities, relations_two_stage, relations_on_gold;
  std::optional<WorstText> text;
};

// What one report scored, where it was measured. Nothing is owned.
struct ReportOutcome {
  const GoldReport* gold = nullptr;
  const StructuredReport* predicted = nullptr;  // end to end; null: there was no such stage
  const StructuredReport* related = nullptr;    // relations between gold entities; null likewise
  const ReportScores* end_to_end = nullptr;
  const ReportScores* on_gold = nullptr;
  bool relations_end_to_end = false;
  bool failed = false;
};

// Keeps the `count` worst of all reports offered: those with the most missed and spurious entities
// and two-stage relations (without an entity stage: relations on gold entities), strict, as the
// figures count them; the earlier one where two are alike. A report without an error is never kept.
class WorstReports {
 public:
  WorstReports(std::size_t count, bool with_text) : count_(count), with_text_(with_text) {}

  void Offer(const ReportOutcome& outcome);
  std::vector<WorstReport> Take() {  // the worst first
    return reports_.Take();
  }

 private:
  void Keep(const ReportOutcome& outcome, bool relations, std::vector<WorstReport>& reports) const;

  std::size_t count_;
  bool with_text_;
  KeptEitherWay<WorstReport> reports_;
};

}  // namespace radie::tools
