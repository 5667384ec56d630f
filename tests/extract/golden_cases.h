// The golden cases of both stages (tests/golden/README.md).
#pragma once

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "libradie/extract/prepared_report.h"
#include "radie/model.h"

namespace radie::internal {

inline std::string GoldenPath(const std::string& name) {
  return RADIE_SOURCE_DIR "/tests/golden/" + name;
}

inline nlohmann::json ReadGoldenJson(const std::string& name) {
  std::ifstream file(GoldenPath(name));
  return nlohmann::json::parse(file);
}

inline std::shared_ptr<const Model> LoadGolden(const nlohmann::json& test_case) {
  return Model::Load(GoldenPath(test_case.at("model").get<std::string>()));
}

inline std::size_t LabelIndex(const std::vector<std::string>& labels, const std::string& name) {
  std::size_t index = 0;
  while (index < labels.size() && labels[index] != name) ++index;
  return index;
}

}  // namespace radie::internal
