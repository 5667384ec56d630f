// brat's standoff annotations (https://brat.nlplab.org/standoff.html):
//
//   T1<TAB>Anatomical_entity 0 4<TAB>右肺上葉
//   T2<TAB>Imaging_observation 9 11;12 14<TAB>胸膜 肥厚          a mention broken by a line feed
//   R1<TAB>modify Arg1:T1 Arg2:T2
//   A1<TAB>Certainty T2 definite
//
// The format has no escapes: a line break inside a mention can only be left out, between fragments.
#include <string>
#include <utility>
#include <vector>

#include "libradie/base/report_check.h"
#include "libradie/write/line_text.h"
#include "libradie/write/utf8_cursor.h"
#include "radie/writer.h"

namespace radie {
namespace {

struct Fragment {
  Range code_points;
  std::string text;
};

// The stretches of a mention between characters that would end its line.
std::vector<Fragment> FragmentsOf(std::size_t index, const Entity& entity) {
  std::vector<Fragment> fragments;
  bool open = false;
  std::size_t position = entity.span.code_points.begin;
  for (std::size_t at = 0; at < entity.text.size(); ++position) {
    const DecodedCharacter character = DecodeAt(entity.text, at);
    if (character.valid && SplitsLines(character.code_point)) {
      open = false;
    } else {
      if (!open) fragments.push_back({{position, position}, ""});
      open = true;
      fragments.back().code_points.end = position + 1;
      if (character.valid) {
        fragments.back().text += entity.text.substr(at, character.bytes);
      } else {
        fragments.back().text += kReplacementUtf8;
      }
    }
    at += character.bytes;
  }
  if (position != entity.span.code_points.end) {
    throw Error(
        ErrorCode::kInvalidArgument,
        "entities[" + std::to_string(index) + "]: span.code_points has another length than text");
  }
  // Nothing but line breaks and tabs: an empty fragment keeps its id and place, a note says the
  // rest.
  const std::size_t begin = entity.span.code_points.begin;
  if (fragments.empty()) fragments.push_back({{begin, begin}, ""});
  return fragments;
}

std::string RangeText(const Range& range) {
  return std::to_string(range.begin) + " " + std::to_string(range.end);
}

class BratWriter {
 public:
  void WriteEntity(std::size_t index, const Entity& entity) {
    const std::vector<Fragment> fragments = FragmentsOf(index, entity);
    std::string spans, text;
    for (const Fragment& fragment : fragments) {
      if (!spans.empty()) spans += ';', text += ' ';
      spans += RangeText(fragment.code_points);
      text += fragment.text;
    }
    out_ += Name('T', index) + "\t";
    AppendField(out_, entity.type);
    out_ += " " + spans + "\t" + text + "\n";

    const Range& whole = entity.span.code_points;
    if (fragments.front().code_points.begin != whole.begin ||
        fragments.back().code_points.end != whole.end) {
      notes_ += Name('#', notes_count_++) + "\tAnnotatorNotes " + Name('T', index) + "\tspan " +
                RangeText(whole) + "\n";
    }
  }

  void WriteRelation(std::size_t index, const Relation& relation) {
    out_ += Name('R', index) + "\t";
    AppendField(out_, relation.type);
    out_ += " Arg1:" + Name('T', relation.head) + " Arg2:" + Name('T', relation.tail) + "\n";
  }

  void WriteCertainty(const Finding& finding) {
    if (!finding.certainty) return;
    out_ += Name('A', attributes_++) + "\tCertainty " + Name('T', finding.object) + " " +
            std::string(CertaintyName(finding.certainty->value)) + "\n";
  }

  std::string Finish() { return std::move(out_) + notes_; }

 private:
  static std::string Name(char letter, std::size_t index) {
    return letter + std::to_string(index + 1);
  }

  std::string out_;
  std::string notes_;  // of mentions that begin or end with what had to be left out
  std::size_t notes_count_ = 0, attributes_ = 0;
};

}  // namespace

std::string ToBrat(const StructuredReport& report) {
  CheckIndices(report);
  BratWriter writer;
  for (std::size_t i = 0; i < report.entities.size(); ++i)
    writer.WriteEntity(i, report.entities[i]);
  for (std::size_t i = 0; i < report.relations.size(); ++i)
    writer.WriteRelation(i, report.relations[i]);
  for (const Finding& finding : report.findings) writer.WriteCertainty(finding);
  return writer.Finish();
}

}  // namespace radie
