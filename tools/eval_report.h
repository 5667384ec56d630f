// The figures of `radie eval`, for people and for programs. Each text ends with a line feed.
#pragma once

#include <string>

#include "tools/eval_figures.h"

namespace radie::tools {

std::string FiguresAsTable(const EvalFigures& figures);
std::string FiguresAsMarkdown(const EvalFigures& figures);  // as GitHub reads it
std::string FiguresAsJson(const EvalFigures& figures);      // docs/evaluation.md has its schema

}  // namespace radie::tools
