#include "tools/brat_reader.h"

#include <filesystem>
#include <utility>

#include "tools/annotated_record.h"
#include "tools/annotation_lines.h"
#include "tools/exit_codes.h"
#include "tools/line_reader.h"
#include "tools/text_units.h"

namespace radie::tools {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;
constexpr std::string_view kOtherKinds = "AMNE#*";

class AnnFile {
 public:
  AnnFile(SourceDocument& document, ReadNotes& notes) : document_(document), notes_(notes) {}

  void Line(std::string_view line, std::size_t number) {
    number_ = number;
    switch (line.front()) {
      case 'T':
        return ReadEntity(line);
      case 'R':
        return ReadRelation(line);
      default:
        if (kOtherKinds.find(line.front()) == kOtherKinds.npos)
          Fail("begins with none of T R A M N E # *");
        ++notes_.brat_lines[line.front()];
    }
  }

 private:
  [[noreturn]] void Fail(const std::string& message) const {
    throw ExitError(kExitSomeFailed, PlaceOf(document_, number_) + ": " + message);
  }

  Range FragmentOf(std::string_view piece) const {
    const std::vector<std::string_view> ends = SplitAtSpaces(piece);
    const std::optional<std::size_t> begin = ends.size() == 2 ? ParseOffset(ends[0]) : std::nullopt;
    const std::optional<std::size_t> end = ends.size() == 2 ? ParseOffset(ends[1]) : std::nullopt;
    if (!begin || !end) Fail("expected offsets as START END or START END;START END");
    return {*begin, *end};
  }

  // T1<TAB>TYPE START END[;START END…]<TAB>TEXT
  void ReadEntity(std::string_view line) {
    const std::vector<std::string_view> columns = SplitAt(line, '\t', 3);
    const std::size_t space = columns.size() < 2 ? 0 : columns[1].find(' ');
    if (columns.size() < 2 || space == columns[1].npos || space == 0)
      Fail("expected ID, tab, TYPE START END, tab, TEXT");
    SourceEntity entity;
    entity.id = columns[0];
    entity.type = UnescapeField(columns[1].substr(0, space));
    for (std::string_view piece : SplitAt(columns[1].substr(space + 1), ';'))
      entity.fragments.push_back(FragmentOf(piece));
    if (columns.size() == 3) entity.surface = columns[2];
    entity.line = number_;
    document_.entities.push_back(std::move(entity));
  }

  // R1<TAB>TYPE Arg1:T1 Arg2:T2
  void ReadRelation(std::string_view line) {
    const std::vector<std::string_view> columns = SplitAt(line, '\t', 3);
    const std::vector<std::string_view> words =
        columns.size() < 2 ? std::vector<std::string_view>{} : SplitAtSpaces(columns[1]);
    constexpr std::string_view kHead = "Arg1:", kTail = "Arg2:";
    if (words.size() != 3 || words[1].substr(0, kHead.size()) != kHead ||
        words[2].substr(0, kTail.size()) != kTail) {
      Fail("expected ID, tab, TYPE Arg1:ID Arg2:ID");
    }
    document_.relations.push_back({UnescapeField(words[0]),
                                   std::string(words[1].substr(kHead.size())),
                                   std::string(words[2].substr(kTail.size())), number_});
  }

  SourceDocument& document_;
  ReadNotes& notes_;
  std::size_t number_ = 0;
};

}  // namespace

std::string ReadTextFile(const std::string& path) {
  OpenFile file(path);
  std::string text = ReadUpTo(file, kMaxFileBytes + 1);
  if (text.size() > kMaxFileBytes) {
    throw ExitError(kExitSomeFailed,
                    path + ": longer than " + std::to_string(kMaxFileBytes) + " bytes");
  }
  if (const std::optional<std::size_t> at = InvalidUtf8At(text)) {
    throw ExitError(kExitSomeFailed,
                    path + ": not valid UTF-8 at the byte at offset " + std::to_string(*at));
  }
  return text;
}

SourceDocument ReadBrat(const std::string& ann_path, const std::string& id, ReadNotes& notes) {
  namespace fs = std::filesystem;
  SourceDocument document;
  document.id = id;
  document.path = ann_path;
  document.has_relations = true;
  const fs::path text_path = fs::path(ann_path).replace_extension(".txt");
  std::error_code error;
  if (fs::exists(text_path, error)) document.text = ReadTextFile(text_path.string());

  const std::string annotations = ReadTextFile(ann_path);
  std::string_view rest = annotations;
  if (rest.substr(0, 3) == "\xEF\xBB\xBF") rest.remove_prefix(3);
  AnnFile file(document, notes);
  std::size_t number = 0;
  for (std::string_view line : SplitAt(rest, '\n')) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!IsBlank(line)) file.Line(line, number);
  }
  return document;
}

}  // namespace radie::tools
