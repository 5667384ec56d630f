// radie in a process of its own, for compare.py: the requests and answers of worker.py.
//   radie_worker MODEL PRECISION ISA THREADS
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "radie/radie.h"

namespace {

struct Call {
  std::vector<std::int32_t> ids;
  std::vector<std::size_t> lengths;
};

Call ParseCall(const std::string& line) {
  Call call;
  std::istringstream sequences(line);
  for (std::string sequence; std::getline(sequences, sequence, ';');) {
    std::istringstream ids(sequence);
    const std::size_t before = call.ids.size();
    for (std::int32_t id; ids >> id;) call.ids.push_back(id);
    call.lengths.push_back(call.ids.size() - before);
  }
  return call;
}

std::vector<Call> ReadWorkload(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::vector<Call> calls;
  for (std::string line; std::getline(file, line);) calls.push_back(ParseCall(line));
  return calls;
}

std::string Measure(const radie::Encoder& encoder, const std::vector<Call>& calls, double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto run = [&] {
    for (const Call& call : calls) encoder.Encode({call.ids, call.lengths, {}});
  };
  run();
  const Clock::time_point begin = Clock::now();
  std::string answer = "ok";
  do {
    const Clock::time_point start = Clock::now();
    run();
    const std::chrono::duration<double, std::milli> time = Clock::now() - start;
    answer += ' ' + std::to_string(time.count());
  } while (std::chrono::duration<double>(Clock::now() - begin).count() < seconds);
  return answer;
}

std::string WriteStates(const radie::Encoder& encoder, const std::vector<Call>& calls,
                        const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  for (const Call& call : calls) {
    const radie::EncoderOutput output = encoder.Encode({call.ids, call.lengths, {}});
    file.write(reinterpret_cast<const char*>(output.states.data()),
               static_cast<std::streamsize>(output.states.size() * sizeof(float)));
  }
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
  return "ok";
}

std::string Answer(const radie::Encoder& encoder, const std::string& request) {
  std::istringstream words(request);
  std::string what, argument, path;
  words >> what >> argument >> std::ws;
  std::getline(words, path);
  const std::vector<Call> calls = ReadWorkload(path);
  if (what == "time") return Measure(encoder, calls, std::stod(argument));
  if (what == "states") return WriteStates(encoder, calls, argument);
  throw std::runtime_error("no such request: " + what);
}

void Work(const std::string& model_path, const char* precision, const char* isa,
          std::size_t threads) {
  radie::LoadOptions options;
  options.precision = radie::PrecisionFromName(precision).value();
  options.isa = radie::IsaFromName(isa).value();
  const auto model = radie::Model::Load(model_path, options);
  const radie::Encoder encoder(model, radie::Stage::kEncoder, threads);
  std::cout << "ready " << model->info().isa << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << Answer(encoder, line) << std::endl;
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 5) throw std::runtime_error("usage: radie_worker MODEL PRECISION ISA THREADS");
    Work(argv[1], argv[2], argv[3], std::stoul(argv[4]));
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
