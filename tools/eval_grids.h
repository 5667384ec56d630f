// The figures as grids of cells, which the table and Markdown then draw.
#pragma once

#include <string>
#include <vector>

#include "tools/eval_figures.h"

namespace radie::tools {

// The first column is text, the others are numbers or "".
struct Grid {
  std::string title;                // may be empty
  std::vector<std::string> header;  // as many as each row has cells
  std::vector<std::vector<std::string>> rows;
};

// "40 reports, …"
std::string SummaryOf(const EvalFigures& figures);

// In the order in which they are shown. Names of types and reports are as they are: not fit for a
// terminal or for Markdown.
std::vector<Grid> GridsOf(const EvalFigures& figures);

}  // namespace radie::tools
