#include "tools/eval_report.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "tools/eval_grids.h"
#include "tools/text_units.h"

namespace radie::tools {
namespace {

bool IsControl(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  return first < 0x20 || first == 0x7F || (first == 0xC2 && character < "\u00A0");
}

// Names come out of files: their control characters must not reach the terminal. What is not UTF-8
// (bytes of a file's name) is replaced as a whole.
std::string Printable(const std::string& name) {
  if (InvalidUtf8At(name)) return "\uFFFD";
  std::string out;
  const std::vector<std::size_t> starts = CodePointStarts(name);
  for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
    const std::string character = name.substr(starts[i], starts[i + 1] - starts[i]);
    out += IsControl(character) ? "\uFFFD" : character;
  }
  return out;
}

std::string InMarkdown(const std::string& name) {
  std::string out;
  for (char c : Printable(name)) {
    if (std::string_view("\\|<>*`[]").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::size_t Width(const std::string& text) { return CodePointStarts(text).size() - 1; }

// ---- the texts of the worst reports ----

// Each line set in, so that no line of a report is taken for one of ours or for Markdown.
void AppendSetIn(std::string& out, const std::string& text) {
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    out += "    " + Printable(text.substr(begin, end - begin)) + "\n";
    begin = end + 1;
  }
}

void AppendEntities(std::string& out, const std::string& title,
                    const std::vector<WrongEntity>& entities) {
  for (const WrongEntity& entity : entities) {
    out += "    " + title + " " + std::to_string(entity.range.begin) + "-" +
           std::to_string(entity.range.end) + " " + Printable(entity.type) + ": " +
           Printable(entity.text) + "\n";
  }
}

void AppendTexts(std::string& out, const EvalFigures& figures, const std::string& heading,
                 std::string (*escape)(const std::string&)) {
  if (!figures.worst) return;
  for (const WorstReport& report : *figures.worst) {
    if (!report.text) continue;
    out += "\n" + heading + escape(report.id) + "\n\n";
    AppendSetIn(out, report.text->text);
    if (report.text->missed.empty() && report.text->spurious.empty()) continue;
    out += "\n";
    AppendEntities(out, "missed  ", report.text->missed);
    AppendEntities(out, "spurious", report.text->spurious);
  }
}

// ---- tables ----

constexpr char kIndent[] = "  ";

std::vector<std::size_t> WidthsOf(const Grid& grid) {
  std::vector<std::size_t> widths(grid.header.size(), 8);
  widths[0] = 40;
  const auto widen = [&](const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], Width(Printable(cells[i])));
    }
  };
  widen(grid.header);
  for (const GridRow& row : grid.rows) widen(row.Cells(kIndent));
  return widths;
}

void AppendRow(std::string& out, const std::vector<std::string>& cells,
               const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string cell = Printable(cells[i]);
    const std::string padding(widths[i] - Width(cell), ' ');
    line += i == 0 ? cell + padding : "  " + padding + cell;
  }
  out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

void AppendTable(std::string& out, const Grid& grid) {
  const std::vector<std::size_t> widths = WidthsOf(grid);
  out += "\n";
  if (!grid.title.empty()) out += grid.title + "\n";
  AppendRow(out, grid.header, widths);
  for (const GridRow& row : grid.rows) {
    if (grid.title.empty() && !row.set_in) out += '\n';  // scores: a block a figure
    AppendRow(out, row.Cells(kIndent), widths);
  }
}

void AppendMarkdownRow(std::string& out, const std::vector<std::string>& cells) {
  for (const std::string& cell : cells) out += "| " + InMarkdown(cell) + " ";
  out += "|\n";
}

void AppendMarkdown(std::string& out, const Grid& grid) {
  out += "\n";
  if (!grid.title.empty()) out += "**" + grid.title + "**\n\n";
  AppendMarkdownRow(out, grid.header);
  for (std::size_t i = 0; i < grid.header.size(); ++i) out += i == 0 ? "|---" : "|---:";
  out += "|\n";
  for (const GridRow& row : grid.rows) AppendMarkdownRow(out, row.Cells("– "));
}

}  // namespace

std::string FiguresAsTable(const EvalFigures& figures) {
  std::string out = SummaryOf(figures) + "\n";
  for (const Grid& grid : GridsOf(figures)) AppendTable(out, grid);
  AppendTexts(out, figures, "", Printable);
  return out;
}

std::string FiguresAsMarkdown(const EvalFigures& figures) {
  std::string out = SummaryOf(figures) + "\n";
  for (const Grid& grid : GridsOf(figures)) AppendMarkdown(out, grid);
  AppendTexts(out, figures, "### ", InMarkdown);
  return out;
}

}  // namespace radie::tools
