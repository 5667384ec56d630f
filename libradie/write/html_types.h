// How entity types look and what they are called on the page.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "radie/report.h"

namespace radie {

struct HtmlType {
  std::string_view name;   // of the information model; empty for all other types
  std::string_view style;  // CSS class
  std::string_view label;  // Japanese, for the legend and the table
  std::string_view mark;   // one character, for the badge behind a mention
  bool is_object;
};

// The types of the default information model, objects first, then attributes in the order of the
// table's columns.
std::span<const HtmlType> HtmlTypes();

// The style of a type; one shared style for types that the default model lacks.
const HtmlType& HtmlTypeOf(std::string_view type);

// The type's name for people, escaped: its label, or its own name without underscores.
std::string HtmlLabelOf(std::string_view type);

// Likewise of a type of relation, and of anything else that may be one.
std::string HtmlRelationLabelOf(std::string_view type);
// How a class of certainty looks and what it is called on the page.
struct HtmlCertainty {
  std::string_view style;  // CSS class
  std::string_view label;  // Japanese, for the table
  std::string_view sign;   // behind an object's number; empty for what is there
};

const HtmlCertainty& HtmlCertaintyOf(CertaintyClass value);

}  // namespace radie
