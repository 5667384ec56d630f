#include "tools/encode_input.h"

#include <nlohmann/json.hpp>
#include <numeric>

#include "tools/annotated_record.h"
#include "tools/exit_codes.h"
#include "tools/input_files.h"
#include "tools/line_reader.h"

namespace radie::tools {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxInputLineBytes = std::size_t{1} << 20;

[[noreturn]] void RefuseLine(const std::string& what) {
  throw Error(ErrorCode::kInvalidInput, what);
}

// Whole numbers below `limit`; `name` is "" for the line itself.
template <typename Integer>
std::vector<Integer> Numbers(const json& values, const std::string& name, std::size_t limit) {
  if (!values.is_array()) RefuseLine(name + ": not an array");
  std::vector<Integer> numbers;
  numbers.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i].is_number_unsigned() || values[i].get<std::uint64_t>() >= limit) {
      RefuseLine(name + "[" + std::to_string(i) + "]: not an integer from 0 to " +
                 std::to_string(limit - 1));
    }
    numbers.push_back(values[i].get<Integer>());
  }
  return numbers;
}

std::vector<HeadPair> PairsOf(const json& line, std::size_t length) {
  std::vector<HeadPair> pairs;
  if (!line.contains("pairs")) return pairs;
  if (!line["pairs"].is_array()) RefuseLine("pairs: not an array");
  for (const json& pair : line["pairs"]) {
    const std::string name = "pairs[" + std::to_string(pairs.size()) + "]";
    if (!pair.is_object() || !pair.contains("head") || !pair.contains("tail")) {
      RefuseLine(name + ": not an object with head and tail");
    }
    pairs.push_back({Numbers<std::size_t>(pair["head"], name + ".head", length),
                     Numbers<std::size_t>(pair["tail"], name + ".tail", length)});
  }
  return pairs;
}

// How many of the ids are the text, and the positions of all.
void AppendText(const json& line, std::size_t length, const StageInfo& stage,
                Sequences& sequences) {
  std::size_t text = length;
  std::vector<std::int32_t> positions(length);
  std::iota(positions.begin(), positions.end(), 0);
  if (line.is_object() && line.contains("text") != line.contains("positions")) {
    RefuseLine("text and positions: the one without the other");
  }
  if (line.is_object() && line.contains("text")) {
    text = Numbers<std::size_t>(json::array({line["text"]}), "text", length + 1).front();
    positions = Numbers<std::int32_t>(line["positions"], "positions", stage.max_positions);
    if (positions.size() != length) RefuseLine("positions: not as many as ids");
    if ((length - text) % 4 != 0) RefuseLine("text: the ids behind it are no whole groups of four");
    for (std::size_t t = 0; t < text; ++t) {
      if (positions[t] != static_cast<std::int32_t>(t)) {
        RefuseLine("positions[" + std::to_string(t) + "]: a text's positions count from 0");
      }
    }
  }
  if (text == 0 || text > stage.max_positions) {
    RefuseLine(std::to_string(text) + " ids, but a sequence has 1 to " +
               std::to_string(stage.max_positions));
  }
  sequences.texts.push_back(text);
  sequences.positions.insert(sequences.positions.end(), positions.begin(), positions.end());
}

void AppendSequence(const std::string& text, const StageInfo& stage, Sequences& sequences) {
  const json line = json::parse(text, nullptr, false);
  const bool object = line.is_object() && line.contains("ids");
  if (!object && !line.is_array()) {
    RefuseLine("not a JSON array of token ids, nor an object with such an array as \"ids\"");
  }
  const json& given = object ? line["ids"] : line;
  if (!given.is_array()) RefuseLine("ids: not an array");
  const std::size_t length = given.size();
  AppendText(line, length, stage, sequences);
  const std::string name = object ? "ids" : "";
  const auto ids = Numbers<std::int32_t>(given, name, stage.vocabulary_size);
  std::vector<std::int32_t> types(length, 0);
  if (object && line.contains("token_types")) {
    types = Numbers<std::int32_t>(line["token_types"], "token_types", stage.token_types);
    if (types.size() != length) RefuseLine("token_types: not as many as ids");
  }
  sequences.ids.insert(sequences.ids.end(), ids.begin(), ids.end());
  sequences.types.insert(sequences.types.end(), types.begin(), types.end());
  sequences.lengths.push_back(length);
  sequences.pairs.push_back(object ? PairsOf(line, length) : std::vector<HeadPair>{});
}

}  // namespace

Sequences ReadSequences(const std::string& path, const StageInfo& stage) {
  OpenFile file(path);
  LineReader reader(file, kMaxInputLineBytes);
  Sequences sequences;
  std::string line;
  for (;;) {
    const LineReader::Result result = reader.Next(line);
    if (result == LineReader::Result::kEnd) return sequences;
    if (result == LineReader::Result::kLine && IsBlank(line)) continue;
    try {
      if (result == LineReader::Result::kTooLong)
        throw Error(ErrorCode::kLimitExceeded, "the line is too long");
      AppendSequence(line, stage, sequences);
    } catch (const Error& error) {
      throw ExitError(kExitSomeFailed,
                      path + " line " + std::to_string(reader.line_number()) + ": " + error.what());
    }
  }
}

}  // namespace radie::tools
