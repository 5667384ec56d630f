#include "tools/brat_reader.h"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "tools/annotated_record.h"
#include "tools/annotation_lines.h"
#include "tools/exit_codes.h"
#include "tools/open_file.h"
#include "tools/text_units.h"

namespace radie::tools {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;
constexpr std::string_view kOtherKinds = "AMNE#*";

// "START END"
std::optional<Range> ParseRange(std::string_view text) {
  const std::vector<std::string_view> ends = SplitAtSpaces(text);
  if (ends.size() != 2) return std::nullopt;
  const std::optional<std::size_t> begin = ParseOffset(ends[0]), end = ParseOffset(ends[1]);
  if (!begin || !end) return std::nullopt;
  return Range{*begin, *end};
}

class AnnFile {
 public:
  AnnFile(SourceDocument document, ReadNotes& notes)
      : document_(std::move(document)), notes_(notes) {}

  void Line(std::string_view line, std::size_t number) {
    number_ = number;
    switch (line.front()) {
      case 'T':
        return ReadEntity(line);
      case 'R':
        return ReadRelation(line);
      case '#':
        if (ReadHeader(line) || ReadNote(line)) return;
        break;
      case 'A':
        if (ReadCertainty(line)) return;
        break;
      default:
        if (kOtherKinds.find(line.front()) == kOtherKinds.npos)
          Fail("begins with none of T R A M N E # *");
    }
    ++notes_.brat_lines[line.front()];
  }

  std::vector<SourceDocument> Take() {
    documents_.push_back(std::move(document_));
    return std::move(documents_);
  }

 private:
  [[noreturn]] void Fail(const std::string& message) const {
    throw ExitError(kExitSomeFailed, PlaceOf(document_, number_) + ": " + message);
  }

  bool ReadHeader(std::string_view line) {
    if (IsErrorHeader(line)) {
      document_.is_error = true;
      return true;
    }
    std::optional<std::string> id = IdOfHeader(line);
    if (!id) return false;
    SourceDocument next;
    next.path = document_.path;
    next.has_relations = true;
    if (in_stream_) documents_.push_back(std::move(document_));
    if (!in_stream_ && !(document_.entities.empty() && document_.relations.empty()))
      Fail("a document begins behind annotations that belong to none");
    document_ = std::move(next);
    by_id_.clear();
    document_.id = std::move(*id);
    document_.line = number_;
    in_stream_ = true;
    return true;
  }

  // #1<TAB>AnnotatorNotes T3<TAB>span START END, behind the entity's own line.
  bool ReadNote(std::string_view line) {
    constexpr std::string_view kNotes = "AnnotatorNotes ", kSpan = "span ";
    const std::vector<std::string_view> columns = SplitAt(line, '\t', 3);
    if (columns.size() != 3 || !columns[1].starts_with(kNotes) || !columns[2].starts_with(kSpan))
      return false;
    const std::optional<Range> whole = ParseRange(columns[2].substr(kSpan.size()));
    const auto entity = by_id_.find(columns[1].substr(kNotes.size()));
    if (!whole || entity == by_id_.end()) return false;
    document_.entities[entity->second].wholes.push_back(*whole);
    return true;
  }

  // A1<TAB>Certainty T3 CLASS, behind the entity's own line. Attributes of other kinds, and classes
  // of other scales, are not measured.
  bool ReadCertainty(std::string_view line) {
    const std::vector<std::string_view> columns = SplitAt(line, '\t', 3);
    const std::vector<std::string_view> words =
        columns.size() < 2 ? std::vector<std::string_view>{} : SplitAtSpaces(columns[1]);
    if (words.size() != 3 || words[0] != "Certainty") return false;
    const auto entity = by_id_.find(words[1]);
    const std::optional<CertaintyClass> value = CertaintyFromName(words[2]);
    if (entity == by_id_.end() || !value) return false;
    document_.entities[entity->second].certainty = value;
    return true;
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
    for (std::string_view piece : SplitAt(columns[1].substr(space + 1), ';')) {
      const std::optional<Range> fragment = ParseRange(piece);
      if (!fragment) Fail("expected offsets as START END or START END;START END");
      entity.fragments.push_back(*fragment);
    }
    if (columns.size() == 3) entity.surface = columns[2];
    entity.line = number_;
    by_id_.emplace(entity.id, document_.entities.size());
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

  SourceDocument document_;
  std::vector<SourceDocument> documents_;  // those before document_
  ReadNotes& notes_;
  std::map<std::string, std::size_t, std::less<>> by_id_;  // of document_'s entities
  bool in_stream_ = false;                                 // a header came
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

std::vector<SourceDocument> ReadBrat(const std::string& ann_path, const std::string& id,
                                     ReadNotes& notes) {
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
  AnnFile file(std::move(document), notes);
  std::size_t number = 0;
  for (std::string_view line : SplitAt(rest, '\n')) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!IsBlank(line)) file.Line(line, number);
  }
  return file.Take();
}

}  // namespace radie::tools
