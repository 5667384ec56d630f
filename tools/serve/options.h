// The options of `radie serve`.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "tools/model_options.h"

namespace radie::tools::serve {

struct ServeOptions {
  std::string host = "127.0.0.1";
  int port = 8080;
  std::string token_file;  // empty: no token is asked for
  bool insecure = false;   // reachable for others without a token
  ModelOptions model;
  std::vector<std::string> terms;
  double min_confidence = 0;
  std::size_t cache_mib = 64;
  bool keep_patient_id = false;
  std::size_t max_body = std::size_t{4} << 20;
  std::size_t max_records = 10'000;
  std::size_t max_queue = 256;  // reports
  std::size_t max_connections = 256;
  int timeout_seconds = 30;
  int idle_seconds = 60;
  int drain_delay_seconds = 0;
};

void AddServeOptions(CLI::App& command, ServeOptions& options);

}  // namespace radie::tools::serve
