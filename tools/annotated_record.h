// One line of JSON Lines with a report and perhaps its annotations: what `extract` takes and what
// gold files are.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "radie/error.h"
#include "radie/report.h"

namespace radie::tools {

struct RecordEntity {
  std::string id;  // empty when there is none
  std::string type;
  Range range;  // in the unit that the file is in
  std::optional<double> confidence;
  std::optional<CertaintyClass> certainty;  // its own "certainty", or that of the finding of it
};

struct RecordRelation {
  std::string type, head, tail;  // ids of entities
  std::optional<double> confidence;
};

struct Record {
  std::optional<std::string> id;  // a number is kept as its digits
  std::optional<std::string> text;
  std::optional<OffsetUnit> unit;  // "offset_unit", of radie's own output
  std::optional<std::vector<RecordEntity>> entities;
  std::optional<std::vector<RecordRelation>> relations;
  bool is_error = false;  // an error record of radie's own output
};

// What parts of a record are read; the others are not even looked at.
struct RecordParts {
  bool entities = false;
  bool relations = false;
  bool judgements = false;  // confidences and certainties of these
};

// Thrown with the id, when it could be read before the trouble.
struct RecordError {
  std::optional<std::string> id;
  Error error;
};

// Throws RecordError; its message names the field ("entities[3].start: …"), never a value.
Record ParseRecord(std::string_view line, RecordParts parts);

// True for a line of white space only: it is passed over.
bool IsBlank(std::string_view line);

std::optional<OffsetUnit> OffsetUnitFromName(std::string_view name);

}  // namespace radie::tools
