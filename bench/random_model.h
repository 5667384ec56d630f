// Model files of random weights, made in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "bench/random_values.h"
#include "libradie/model/model_file.h"

namespace radie {

// A safetensors file of random tensors.
class RandomModel {
 public:
  void Add(const std::string& name, std::size_t rows, std::size_t cols = 0) {
    const std::size_t count = rows * (cols == 0 ? 1 : cols), begin = data_.size();
    const std::vector<float> values = RandomFloats(count, 0.05f, ++seed_);
    data_.append(reinterpret_cast<const char*>(values.data()), count * sizeof(float));
    if (!header_.str().empty()) header_ << ",";
    header_ << '"' << name << R"(":{"dtype":"F32","shape":[)" << rows;
    if (cols != 0) header_ << "," << cols;
    header_ << R"(],"data_offsets":[)" << begin << "," << data_.size() << "]}";
  }

  void AddPair(const std::string& scope, std::size_t rows, std::size_t cols = 0) {
    Add(scope + ".weight", rows, cols);
    Add(scope + ".bias", rows);
  }

  ModelFile Build() const {
    std::string header = "{";
    header += header_.str();
    header += "}";
    const std::uint64_t length = header.size();
    std::string file(reinterpret_cast<const char*>(&length), sizeof(length));
    file += header;
    file += data_;
    return ModelFile::FromMemory(file.data(), file.size());
  }

 private:
  unsigned seed_ = 0;
  std::ostringstream header_;
  std::string data_;
};

}  // namespace radie
