// A page that shows annotated reports beside predicted ones, with what differs.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "radie/differences.h"
#include "radie/export.h"
#include "radie/report.h"

namespace radie {

// A table of figures. Of the first table the rows that are not set in are shown at once; all of it
// and the others are behind a summary that opens them.
struct HtmlFigures {
  struct Row {
    std::string name;
    std::string type;     // of entities or relations, behind the name; with its Japanese label
                          // where the default information model has it. May be empty
    bool set_in = false;  // as a part of the row above
    std::vector<std::string> figures;
  };

  std::string caption;
  std::vector<std::string> header;  // over the names, and over each figure
  std::vector<Row> rows;
};

// A report of the page's list: how often each kind of error occurs, counted strictly.
struct HtmlListed {
  std::size_t number = 0;  // of its section
  std::string id;
  bool failed = false;
  std::size_t missed_entities = 0, spurious_entities = 0;
  std::size_t missed_relations = 0, spurious_relations = 0;
};

// What was found in a report, and how it differs from the annotation.
struct Compared {
  const StructuredReport* report = nullptr;  // null: this was not measured
  const Differences* differences = nullptr;  // FindDifferences(annotated, *report)
};

// Nothing is owned: all must live until the call returns. Spans need utf8 and code_points, mentions
// their text; they may overlap and stand in any order.
struct ComparedReport {
  std::string_view id;
  std::string_view text;
  const StructuredReport* gold = nullptr;  // not null
  Compared predicted;                      // entities, and relations between them
  Compared related;                        // relations between the annotated entities
  bool relations = true;                   // the annotation says which relations there are
  bool failed = false;  // there is no prediction: what is compared is an empty report
};

// The page in pieces: the head with `summary`, the figures and the list, as they come; a section a
// report; the end. As HtmlPageBegin's it needs neither network nor script, and all text is escaped.
// Thread-safe.
RADIE_API std::string HtmlComparisonBegin(std::string_view title, std::string_view summary,
                                          std::span<const HtmlFigures> figures,
                                          std::span<const HtmlListed> list);
RADIE_API std::string HtmlComparisonEnd();

// `number` makes the section's anchors unique: count from 1. Throws Error(kInvalidArgument) when an
// index points past its list or a span lies outside the text or splits a character.
RADIE_API std::string HtmlComparisonSection(std::size_t number, const ComparedReport& report);

}  // namespace radie
