// A model of tests/golden with what the heads need of it.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "libradie/model/config.h"
#include "libradie/model/weights.h"

namespace radie::testing {

struct GoldenModel {
  explicit GoldenModel(const std::string& name)
      : file(ModelFile::Open(RADIE_SOURCE_DIR "/tests/golden/" + name, true)),
        config(ParseModelConfig(file)),
        weights(file) {}

  // The tensor as it stands, whatever its shape.
  std::vector<float> Floats(const std::string& name) const { return ToFloats(*file.Find(name)); }

  ModelFile file;
  ModelConfig config;
  WeightSource weights;
};

inline nlohmann::json GoldenJson(const std::string& name) {
  std::ifstream json(RADIE_SOURCE_DIR "/tests/golden/" + name);
  return nlohmann::json::parse(json);
}

}  // namespace radie::testing
