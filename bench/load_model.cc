// One process that loads a model, for bench/load.py:
//
//   load_model MODEL ISA PRECISION map|read
//
// Prints "READY_MS FIRST_MS", the time of Model::Load and of the first result behind it, on one
// thread, and keeps the model until its standard input ends.
#include <chrono>
#include <iostream>
#include <stdexcept>
#include <string>

#include "radie/radie.h"

namespace {

using Clock = std::chrono::steady_clock;

double Milliseconds(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

radie::LoadOptions OptionsOf(char** argv) {
  const auto isa = radie::IsaFromName(argv[2]);
  const auto precision = radie::PrecisionFromName(argv[3]);
  if (!isa || !precision) throw std::runtime_error("no such kernel set or precision");
  radie::LoadOptions options;
  options.isa = *isa;
  options.precision = *precision;
  options.map_file = std::string(argv[4]) == "map";
  return options;
}

void Run(char** argv) {
  const auto begin = Clock::now();
  const auto model = radie::Model::Load(argv[1], OptionsOf(argv));
  const auto ready = Clock::now();
  const radie::Extractor extractor(model, {.threads = 1});
  const auto report = extractor.Tag("右肺上葉に12mm大の結節を認めます。");
  const auto first = Clock::now();
  std::cout << Milliseconds(begin, ready) << " " << Milliseconds(ready, first) << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "load_model MODEL ISA PRECISION map|read\n";
    return 2;
  }
  try {
    Run(argv);
  } catch (const std::exception& error) {
    std::cerr << "load_model: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
