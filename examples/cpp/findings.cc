// Reads a report from standard input and prints one line an object: its text, then its attributes
// and evidence.
//   findings MODEL.radie < report.txt
#include <iostream>
#include <iterator>
#include <string>

#include "radie/radie.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: findings MODEL.radie < report.txt\n";
    return 2;
  }
  const std::string text{std::istreambuf_iterator<char>(std::cin),
                         std::istreambuf_iterator<char>()};
  try {
    const radie::Extractor extractor(
        radie::Model::Load(argv[1]));  // once; then share it between threads
    const radie::StructuredReport report = extractor.Extract(text);
    for (const radie::Finding& finding : report.findings) {
      const radie::Entity& object = report.entities[finding.object];
      std::cout << object.text << " (" << object.type << ")";
      for (std::size_t i : finding.attributes) {
        std::cout << "  " << report.entities[i].type << ": " << report.entities[i].text;
      }
      for (std::size_t i : finding.evidence) std::cout << "  <- " << report.entities[i].text;
      std::cout << "\n";
    }
  } catch (const radie::Error& error) {
    std::cerr << radie::ErrorCodeName(error.code()) << ": " << error.what() << "\n";
    return 1;
  }
}
