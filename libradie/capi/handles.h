// What the opaque types of radie/c_api.h are.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "radie/c_api.h"
#include "radie/extractor.h"
#include "radie/model.h"
#include "radie/report.h"

namespace radie::capi {

// Whom to tell what happened; nothing without `function`.
struct Log {
  radie_log_fn function = nullptr;
  void* context = nullptr;

  void operator()(radie_log_level level, const std::string& message) const {
    if (function != nullptr) function(context, level, message.c_str());
  }
};

}  // namespace radie::capi

struct radie_error {
  radie_status code;
  std::string message;
  std::optional<std::size_t> offset;
};

struct radie_string {
  std::string value;
};

struct radie_model {
  std::shared_ptr<const radie::Model> model;
};

struct radie_extractor {
  radie::Extractor extractor;
  radie::capi::Log log;
};

struct radie_report {
  radie::StructuredReport report;
};

struct radie_batch {
  std::vector<std::variant<radie_report, radie_error>> outcomes;
};

struct radie_cancel {
  std::stop_source source;
};
