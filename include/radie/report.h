// The structured report: what extraction returns. Plain values; own all their memory; safe to copy
// between threads.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "radie/error.h"
#include "radie/export.h"

namespace radie {

enum class OffsetUnit {
  kUtf8,       // bytes of the UTF-8 text
  kCodePoint,  // Unicode code points, as Python's str counts
  kUtf16,      // UTF-16 code units, as Java, C#, JavaScript count
};

// Half-open: [begin, end).
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;

  friend bool operator==(const Range&, const Range&) = default;
};

// One stretch of the caller's own text, in the three units callers count in. Always on code point
// boundaries.
struct TextSpan {
  Range utf8;
  Range code_points;
  Range utf16;

  const Range& In(OffsetUnit unit) const {
    return unit == OffsetUnit::kUtf8 ? utf8 : unit == OffsetUnit::kCodePoint ? code_points : utf16;
  }
};

// A code that a table of terms (terms.h) gives a mention.
struct TermCode {
  std::string code;
  std::string name;    // the preferred name of what the code stands for
  std::string system;  // that the code belongs to; empty where the table does not say
  std::string term;    // as the table writes it
  bool whole = false;  // the mention is the term; otherwise it contains the term
};

struct Entity {
  std::string type;  // an entity type of the model's schema
  TextSpan span;     // in the caller's text
  std::string text;  // the caller's text at `span`, untouched
  double confidence =
      1.0;  // 0…1; probability of the whole span; 1 for entities the caller supplied
  std::vector<TermCode> codes = {};  // extraction leaves it empty; AttachCodes (terms.h) fills it
};

struct Relation {
  std::string type;      // a relation type of the model's schema
  std::size_t head = 0;  // index into entities: the attribute (or observation)
  std::size_t tail = 0;  // index into entities: the object (or finding)
  double confidence = 1.0;
};

// How sure the reporter is that the object is there, from the least to the surest.
enum class CertaintyClass {
  kDenial,        // it is not there
  kUnlikely,      // it is probably not there
  kMayRepresent,  // it is possible, one diagnosis of several, or left open
  kLikely,        // it is suspected, thought or concluded to be there
  kDefinite,      // it is there
};

// Names as records write them: "denial", "unlikely", "may_represent", "likely", "definite".
RADIE_API std::string_view CertaintyName(CertaintyClass value) noexcept;
RADIE_API std::optional<CertaintyClass> CertaintyFromName(std::string_view name) noexcept;

// The class of one object and what it rests on (docs/certainty.md).
struct Certainty {
  CertaintyClass value = CertaintyClass::kDefinite;
  double confidence = 1.0;           // 0…1; that all it rests on was read right
  std::vector<std::size_t> sources;  // indices into entities, in order of position: the descriptors
                                     // that decided; none where the report says nothing of it
};

// One object with all that the report says of it.
struct Finding {
  std::size_t object = 0;  // index into entities
  std::vector<std::size_t>
      attributes;  // indices into entities, in order of position; group by their `type`
  std::vector<std::size_t> evidence;        // indices into entities, in order of position
  std::optional<Certainty> certainty = {};  // nothing where relations were not looked for
};

// Something the caller should know about a report that was processed all the same.
struct Warning {
  std::string code;     // stable, e.g. "pairs_out_of_window"
  std::string message;  // for people; never holds report text
};

// Entities are sorted by position and numbered T1, T2, … in output; relations by (tail, head) and
// numbered R1, R2, …
struct StructuredReport {
  std::vector<Entity> entities;
  std::vector<Relation> relations;
  std::vector<Finding> findings;
  std::vector<Warning> warnings;
};

// Joins entities and relations to findings: one for each entity whose type has the role of an
// object, in order of position. A relation between an object and an attribute, in either
// direction, makes the one an attribute of the other; between two objects the head is evidence
// for the tail; between two attributes it says nothing of a finding. `is_object[i]` tells the role
// for entities[i]; it has as many elements as `entities`.
RADIE_API std::vector<Finding> AssembleFindings(const std::vector<Entity>& entities,
                                                const std::vector<Relation>& relations,
                                                const std::vector<bool>& is_object);

}  // namespace radie
