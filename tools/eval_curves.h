// A picture of what confidences are worth: reliability, and precision against recall.
#pragma once

#include <string>

#include "tools/eval_figures.h"

namespace radie::tools {

// One SVG document; the same figures give the same bytes. Throws ExitError(kExitSomeFailed) where
// nothing was measured with confidences.
std::string CurvesAsSvg(const EvalFigures& figures);

// Writes it to a file. Throws ExitError(kExitSomeFailed) also when the file cannot be written.
void WriteCurves(const EvalFigures& figures, const std::string& path);

}  // namespace radie::tools
