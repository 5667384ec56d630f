#include "libradie/terms/term_reader.h"

#include <string>
#include <vector>

#include "libradie/text/document.h"
#include "radie/error.h"

namespace radie::internal {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

Error Bad(const std::string& why) { return Error(ErrorCode::kInvalidInput, why); }

std::string_view Trimmed(std::string_view cell) {
  while (!cell.empty() && cell.front() == ' ') cell.remove_prefix(1);
  while (!cell.empty() && cell.back() == ' ') cell.remove_suffix(1);
  return cell;
}

std::vector<std::string_view> Cells(std::string_view line) {
  std::vector<std::string_view> cells;
  for (;;) {
    const std::size_t tab = line.find('\t');
    cells.push_back(Trimmed(line.substr(0, tab)));
    if (tab == line.npos) return cells;
    line.remove_prefix(tab + 1);
  }
}

// Comments are checked as well: a file in another charset is to be noticed.
void CheckCharacters(std::string_view line) {
  if (line.find('\0') != line.npos) throw Bad("the line holds a NUL");
  if (line.find('\r') != line.npos) {
    throw Bad("the line holds a carriage return that no line feed follows");
  }
  try {
    Document::Decode(line);
  } catch (const Error& error) {
    throw Bad("the line is not valid UTF-8, from its byte " +
              std::to_string(error.offset().value_or(0) + 1));
  }
}

TermRow RowOf(const std::vector<std::string_view>& cells) {
  if (cells.size() < 3 || cells.size() > 4) {
    throw Bad("the line has " + std::to_string(cells.size()) +
              (cells.size() == 1 ? " column" : " columns") +
              ", not 3 or 4: term, code, preferred name, system, with tabs between");
  }
  const TermRow row{cells[0], cells[1], cells[2], cells.size() == 4 ? cells[3] : ""};
  if (row.term.empty()) throw Bad("the term is empty");
  if (row.code.empty()) throw Bad("the code is empty");
  if (row.name.empty()) throw Bad("the preferred name is empty");
  return row;
}

bool IsHeader(const std::vector<std::string_view>& cells) {
  using Cells = std::vector<std::string_view>;
  return cells == Cells{"term", "code", "name"} || cells == Cells{"term", "code", "name", "system"};
}

class Reader {
 public:
  explicit Reader(TermIndex& index) : index_(index) {}

  void Read(std::string_view line) {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    CheckCharacters(line);
    if (line.substr(0, 1) == "#" || Trimmed(line).empty()) return;
    const std::vector<std::string_view> cells = Cells(line);
    const bool is_header = first_ && IsHeader(cells);
    first_ = false;
    if (!is_header) index_.Add(RowOf(cells));
  }

 private:
  TermIndex& index_;
  bool first_ = true;  // no line with cells has come yet
};

}  // namespace

void ReadTerms(const TermFile& file, TermIndex& index) {
  std::string_view rest = file.text;
  if (rest.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    rest.remove_prefix(kByteOrderMark.size());
  }
  Reader reader(index);
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = rest.find('\n');
    try {
      reader.Read(rest.substr(0, end));
    } catch (const Error& error) {
      throw Error(error.code(),
                  std::string(file.name) + ":" + std::to_string(number) + ": " + error.what());
    }
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  }
}

}  // namespace radie::internal
