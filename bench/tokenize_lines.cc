// How fast one tokenizer reads lines, for bench/tokenizer_speed.py:
//
//   tokenize_lines SECONDS LINES --profile NAME --vocab FILE [--lower-case true|false]
//                  [--word-tokenizer NAME] [--dictionary FOLDER] [--cls-token T] [--sep-token T]
//
// Reads the file LINES over and over on one thread, for at least SECONDS of processor time, ids and
// offsets of every token, and prints bytes of UTF-8 per second of it.
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "radie/radie.h"

namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> Lines(const std::string& path) {
  std::istringstream text(ReadFile(path));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

radie::TokenizerOptions OptionsOf(int argc, char** argv) {
  radie::TokenizerOptions options;
  std::string vocab;
  for (int i = 3; i + 1 < argc; i += 2) {
    const std::string key = argv[i], value = argv[i + 1];
    if (key == "--profile") {
      options.profile = value;
    } else if (key == "--vocab") {
      vocab = value;
    } else if (key == "--lower-case") {
      options.do_lower_case = value == "true";
    } else if (key == "--word-tokenizer") {
      options.word_tokenizer = value;
    } else if (key == "--dictionary") {
      options.mecab_dictionary = value;
    } else if (key == "--cls-token") {
      options.cls_token = value;
    } else if (key == "--sep-token") {
      options.sep_token = value;
    } else {
      throw std::runtime_error("no option " + key);
    }
  }
  if (options.profile == "sentencepiece") {
    options.sentencepiece_model = ReadFile(vocab);
    options.unk_token = "<unk>";
  } else {
    options.vocabulary = Lines(vocab);
  }
  return options;
}

double BytesPerSecond(const radie::TextTokenizer& tokenizer, const std::vector<std::string>& lines,
                      double seconds) {
  std::size_t bytes = 0, tokens = 0;
  for (const std::string& line : lines) tokens += tokenizer.Tokenize(line).size();  // warm
  const std::clock_t begin = std::clock();
  double elapsed = 0;
  while (elapsed < seconds) {
    for (const std::string& line : lines) {
      tokens += tokenizer.Tokenize(line).size();
      bytes += line.size();
    }
    elapsed = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  }
  if (tokens == 0) throw std::runtime_error("no tokens");
  return static_cast<double>(bytes) / elapsed;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc < 3) throw std::runtime_error("usage: tokenize_lines SECONDS LINES OPTION VALUE …");
    const radie::TextTokenizer tokenizer(OptionsOf(argc, argv));
    std::cout << BytesPerSecond(tokenizer, Lines(argv[2]), std::atof(argv[1])) << "\n";
  } catch (const std::exception& error) {
    std::cerr << "tokenize_lines: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
