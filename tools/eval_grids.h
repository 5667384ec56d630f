// The figures as grids of cells, which the table and Markdown then draw.
#pragma once

#include <string>
#include <vector>

#include "tools/eval_figures.h"

namespace radie::tools {

struct GridRow {
  std::string name;
  std::string type;     // of entities or relations, or of certainty, behind the name; may be empty
  bool set_in = false;  // as a part of the row above
  std::vector<std::string> figures;  // numbers or ""

  // Its whole name, behind `indent` where it is set in, then the figures.
  std::vector<std::string> Cells(const char* indent) const;
};

struct Grid {
  std::string title;                // may be empty
  std::vector<std::string> header;  // over the names, and over each figure
  std::vector<GridRow> rows;
};

// "40 reports, …"
std::string SummaryOf(const EvalFigures& figures);

// In the order in which they are shown. Names of types and reports are as they are: not fit for a
// terminal or for Markdown.
std::vector<Grid> GridsOf(const EvalFigures& figures);

}  // namespace radie::tools
