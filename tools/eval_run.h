// Runs a model over annotated reports, or holds predictions against them, and counts.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "tools/document_reader.h"
#include "tools/eval_figures.h"
#include "tools/eval_page.h"
#include "tools/model_options.h"

namespace radie::tools {

struct EvalOptions {
  std::string gold;
  ReadOptions read;
  std::optional<BootstrapOptions> bootstrap;
  std::optional<std::size_t> worst;
  bool show_text = false;
  EvalPage* page = nullptr;  // shown every report; not owned
};

// Both throw ExitError. What was missing, failed or read in another way than written is said on
// standard error.
EvalFigures EvaluateModel(const EvalOptions& options, const ModelOptions& model);
EvalFigures EvaluatePredictions(const EvalOptions& options, const std::string& path);

}  // namespace radie::tools
