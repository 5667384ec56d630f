// Uses the installed library through its public API alone.
//   consumer MODEL.radie < report.txt
// A model with both stages: prints the report's findings. An encoder-only model: encodes three ids.
#include <cstdint>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "radie/radie.h"

namespace {

int PrintFindings(const std::shared_ptr<const radie::Model>& model) {
  const std::string text{std::istreambuf_iterator<char>(std::cin),
                         std::istreambuf_iterator<char>()};
  const radie::Extractor extractor(model);
  const radie::StructuredReport report = extractor.Extract(text);
  std::cout << radie::ToTable("report", report) << radie::ToJson("report", text, report) << "\n";
  if (report.findings.empty()) {
    std::cerr << "no finding in the report\n";
    return 1;
  }
  return 0;
}

int EncodeThreeIds(const std::shared_ptr<const radie::Model>& model) {
  const std::vector<std::int32_t> ids{1, 2, 3};
  const std::vector<std::size_t> lengths{3};
  const radie::Encoder encoder(model, radie::Stage::kEncoder);
  const radie::EncoderOutput output = encoder.Encode({ids, lengths, {}});
  std::cout << "encoded " << output.states.size() << " values\n";
  return output.states.size() == 3 * output.hidden_size ? 0 : 1;
}

// An exception that crosses the library's border must be caught by its type.
bool CatchesError() {
  try {
    radie::Model::Load("no-such-file.radie");
  } catch (const radie::Error& error) {
    return error.code() == radie::ErrorCode::kIo;
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    std::cout << "radie " << radie::Version() << "\n";
    if (!CatchesError()) {
      std::cerr << "a missing model file did not raise radie::Error with code io\n";
      return 1;
    }
    const std::shared_ptr<const radie::Model> model = radie::Model::Load(argv[1]);
    return model->has_stage(radie::Stage::kEncoder) ? EncodeThreeIds(model) : PrintFindings(model);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
