#include "tools/bench_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace radie::tools {
namespace {

using nlohmann::ordered_json;

constexpr const char* kColumns[] = {"model",         "stage",     "lengths",      "batch",
                                    "threads",       "precision", "isa",          "median_ms",
                                    "min_ms",        "max_ms",    "tokens_per_s", "sentences_per_s",
                                    "reports_per_s", "gflops",    "share_of_peak"};

std::optional<double> ShareOfPeak(const BenchRow& row) {
  if (!row.gflops || !row.peak_gflops || *row.peak_gflops <= 0) return std::nullopt;
  return *row.gflops / *row.peak_gflops;
}

std::string Fixed(std::optional<double> value, int decimals) {
  if (!value) return "";
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, *value);
  return text;
}

// A row in the order of kColumns.
std::vector<std::string> Cells(const BenchRow& row) {
  return {row.model,
          row.stage,
          row.lengths,
          std::to_string(row.batch),
          std::to_string(row.threads),
          row.precision,
          row.isa,
          Fixed(row.time.median_ms, 3),
          Fixed(row.time.min_ms, 3),
          Fixed(row.time.max_ms, 3),
          Fixed(row.tokens_per_s, 1),
          Fixed(row.sentences_per_s, 2),
          Fixed(row.reports_per_s, 2),
          Fixed(row.gflops, 1),
          Fixed(ShareOfPeak(row), 3)};
}

std::vector<std::string> Names() { return {std::begin(kColumns), std::end(kColumns)}; }

std::string SpaceSeparated(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : " ") + item;
  return out;
}

std::vector<std::string> FactLines(const MachineFacts& facts) {
  return {"radie " + facts.version + ", " + facts.compiler,
          "cpu: " + facts.cpu + ", " + std::to_string(facts.cores) + " cores",
          "kernel sets: " + SpaceSeparated(facts.kernel_sets)};
}

std::string SkippedLine(const SkippedCase& skipped) {
  std::string line = "skipped: " + skipped.precision + " on " + skipped.isa;
  if (!skipped.stage.empty()) line += ", " + skipped.stage;
  if (!skipped.lengths.empty()) line += ", " + skipped.lengths + " tokens";
  return line + ": " + skipped.reason;
}

// The three formats of lines. Each says how a line of cells and a line about the run look.
class LineReport : public BenchReport {
 public:
  explicit LineReport(Output& output) : output_(output) {}

  void Begin(const MachineFacts& facts) override {
    std::string text;
    for (const std::string& line : FactLines(facts)) text += Remark(line);
    output_.Write(text + Heading(Names()));
  }
  void Add(const BenchRow& row) override { output_.Write(Line(Cells(row))); }
  void Skip(const SkippedCase& skipped) override { skipped_ += Remark(SkippedLine(skipped)); }
  void End() override { output_.Write(BeforeSkipped() + skipped_); }

 protected:
  virtual std::string Remark(const std::string& text) const = 0;
  virtual std::string Line(const std::vector<std::string>& cells) const = 0;
  virtual std::string Heading(const std::vector<std::string>& names) const { return Line(names); }
  virtual std::string BeforeSkipped() const { return ""; }

 private:
  Output& output_;
  std::string skipped_;
};

class TableReport final : public LineReport {
 public:
  using LineReport::LineReport;

 private:
  std::string Remark(const std::string& text) const override { return text + "\n"; }
  std::string Line(const std::vector<std::string>& cells) const override {
    constexpr std::size_t kTextColumns = 7;
    static constexpr std::size_t kWidths[] = {12, 9, 8, 5, 7, 9, 11};
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string& cell = cells[i].empty() ? "-" : cells[i];
      const std::size_t width =
          i < kTextColumns ? kWidths[i] : std::max<std::size_t>(std::string(kColumns[i]).size(), 9);
      const std::string space(width > cell.size() ? width - cell.size() : 0, ' ');
      if (i > 0) line += "  ";
      line += i < 2 ? cell + space : space + cell;
    }
    return line + "\n";
  }
};

class MarkdownReport final : public LineReport {
 public:
  using LineReport::LineReport;

 private:
  std::string Remark(const std::string& text) const override { return "- " + text + "\n"; }
  std::string Line(const std::vector<std::string>& cells) const override {
    std::string line = "|";
    for (const std::string& cell : cells) {
      line += ' ';
      for (char c : cell) line += c == '|' ? std::string("\\|") : std::string(1, c);
      line += " |";
    }
    return line + "\n";
  }
  std::string Heading(const std::vector<std::string>& names) const override {
    std::string heading = "\n";
    heading += Line(names);
    heading += '|';
    for (std::size_t i = 0; i < names.size(); ++i) heading += i < 2 ? "---|" : "---:|";
    heading += '\n';
    return heading;
  }
  std::string BeforeSkipped() const override { return "\n"; }
};

class CsvReport final : public LineReport {
 public:
  using LineReport::LineReport;

 private:
  std::string Remark(const std::string& text) const override { return "# " + text + "\n"; }
  std::string Line(const std::vector<std::string>& cells) const override {
    std::vector<std::string> quoted;
    quoted.reserve(cells.size());
    for (const std::string& cell : cells) quoted.push_back(Quoted(cell));
    std::string line = quoted.front();
    for (std::size_t i = 1; i < quoted.size(); ++i) line += "," + quoted[i];
    return line + "\n";
  }
  static std::string Quoted(const std::string& cell) {
    if (cell.find_first_of(",\"") == std::string::npos) return cell;
    std::string out = "\"";
    for (char c : cell) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + "\"";
  }
};

class JsonReport final : public BenchReport {
 public:
  explicit JsonReport(Output& output) : output_(output) {}

  void Begin(const MachineFacts& facts) override {
    root_ = {{"radie", facts.version},
             {"compiler", facts.compiler},
             {"cpu", facts.cpu},
             {"cores", facts.cores},
             {"kernel_sets", facts.kernel_sets},
             {"rows", ordered_json::array()},
             {"skipped", ordered_json::array()}};
  }

  void Add(const BenchRow& row) override {
    root_["rows"].push_back({{"model", row.model},
                             {"stage", row.stage},
                             {"lengths", row.lengths},
                             {"batch", row.batch},
                             {"threads", row.threads},
                             {"precision", row.precision},
                             {"isa", row.isa},
                             {"median_ms", Number(row.time.median_ms)},
                             {"min_ms", Number(row.time.min_ms)},
                             {"max_ms", Number(row.time.max_ms)},
                             {"tokens_per_s", Number(row.tokens_per_s)},
                             {"sentences_per_s", Number(row.sentences_per_s)},
                             {"reports_per_s", Number(row.reports_per_s)},
                             {"gflops", Number(row.gflops)},
                             {"peak_gflops", Number(row.peak_gflops)},
                             {"share_of_peak", Number(ShareOfPeak(row))}});
  }

  void Skip(const SkippedCase& skipped) override {
    ordered_json entry = {{"isa", skipped.isa}, {"precision", skipped.precision}};
    if (!skipped.stage.empty()) entry["stage"] = skipped.stage;
    if (!skipped.lengths.empty()) entry["lengths"] = skipped.lengths;
    entry["reason"] = skipped.reason;
    root_["skipped"].push_back(std::move(entry));
  }

  void End() override {
    output_.Write(root_.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
  }

 private:
  // Four decimals: more would be noise.
  static ordered_json Number(std::optional<double> value) {
    if (!value) return nullptr;
    return std::round(*value * 1e4) / 1e4;
  }

  Output& output_;
  ordered_json root_;
};

}  // namespace

std::unique_ptr<BenchReport> MakeBenchReport(BenchFormat format, Output& output) {
  switch (format) {
    case BenchFormat::kTable:
      return std::make_unique<TableReport>(output);
    case BenchFormat::kMarkdown:
      return std::make_unique<MarkdownReport>(output);
    case BenchFormat::kCsv:
      return std::make_unique<CsvReport>(output);
    case BenchFormat::kJson:
      break;
  }
  return std::make_unique<JsonReport>(output);
}

}  // namespace radie::tools
