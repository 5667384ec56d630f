// One process that loads a model, for bench/load.py:
//
//   load_model MODEL ISA PRECISION map|read THREADS
//
// Prints "READY_MS READY_CPU_MS FIRST_MS FIRST_CPU_MS", the time of Model::Load and of the first
// result behind it, by the wall clock and of the processor, and keeps the model until its standard
// input ends.
#include <chrono>
#include <ctime>
#include <iostream>
#include <stdexcept>
#include <string>

#include "radie/radie.h"

namespace {

// Milliseconds of both clocks since the last call.
class Clocks {
 public:
  std::string Lap() {
    const auto wall = std::chrono::steady_clock::now();
    const std::clock_t processor = std::clock();
    std::string lap =
        std::to_string(std::chrono::duration<double, std::milli>(wall - wall_).count()) + " " +
        std::to_string(1e3 * static_cast<double>(processor - processor_) / CLOCKS_PER_SEC);
    wall_ = wall;
    processor_ = processor;
    return lap;
  }

 private:
  std::chrono::steady_clock::time_point wall_ = std::chrono::steady_clock::now();
  std::clock_t processor_ = std::clock();
};

radie::LoadOptions OptionsOf(char** argv) {
  const auto isa = radie::IsaFromName(argv[2]);
  const auto precision = radie::PrecisionFromName(argv[3]);
  if (!isa || !precision) throw std::runtime_error("no such kernel set or precision");
  radie::LoadOptions options;
  options.isa = *isa;
  options.precision = *precision;
  options.map_file = std::string(argv[4]) == "map";
  options.threads = std::stoul(argv[5]);
  return options;
}

void Run(char** argv) {
  Clocks clocks;
  const auto model = radie::Model::Load(argv[1], OptionsOf(argv));
  const std::string ready = clocks.Lap();
  const radie::Extractor extractor(model, {.threads = std::stoul(argv[5])});
  const auto report = extractor.Tag("右肺上葉に12mm大の結節を認めます。");
  std::cout << ready << " " << clocks.Lap() << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::cerr << "load_model MODEL ISA PRECISION map|read THREADS\n";
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
