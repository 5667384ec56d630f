// One report on the page: its text with the mentions marked, its findings as a table.
//
// Relations are numbers: an object's badge is its finding's number, an attribute's badge is a
// letter for its type and the numbers of the objects it belongs to. Lines drawn between words cross
// each other and break with the lines of the text; numbers can be followed on paper as well.
#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "libradie/base/report_check.h"
#include "libradie/write/attributes_by_type.h"
#include "libradie/write/code_text.h"
#include "libradie/write/html_frame.h"
#include "libradie/write/html_text.h"
#include "libradie/write/html_types.h"
#include "libradie/write/json_text.h"
#include "radie/writer.h"

namespace radie {
namespace {

constexpr std::string_view kCertainty = "Certainty_descriptor";

// Two decimals are enough for the eye.
std::string Confidence(double confidence) {
  std::string digits;
  AppendConfidence(digits, confidence);
  digits.resize(digits.size() - 2);
  return digits;
}

class SectionWriter {
 public:
  SectionWriter(std::size_t number, std::string_view text, const StructuredReport& report)
      : text_(text),
        report_(report),
        prefix_(Numbered("r", number) + "-"),
        numbers_(report.entities.size(), 0),
        tails_(report.entities.size()) {
    for (std::size_t i = report.findings.size(); i > 0; --i)
      numbers_[report.findings[i - 1].object] = i;
    for (const Relation& relation : report.relations) {
      std::size_t head = relation.head, tail = relation.tail;
      // An attribute belongs to the object, whichever of the two is the head.
      if (numbers_[head] > 0 && numbers_[tail] == 0) std::swap(head, tail);
      std::vector<std::size_t>& tails = tails_[head];
      if (std::find(tails.begin(), tails.end(), tail) == tails.end()) tails.push_back(tail);
    }
    for (const Finding& finding : report.findings) {
      for (const auto& [type, indices] : GroupByType(report.entities, finding.attributes))
        attribute_types_.insert(type);
      has_evidence_ = has_evidence_ || !finding.evidence.empty();
    }
  }

  std::string Write(std::size_t number, std::string_view id) {
    out_ = SectionBegin(number, HtmlLine(id),
                        Numbered("所見 ", report_.findings.size()) +
                            Numbered("・語 ", report_.entities.size()) +
                            Numbered("・関係 ", report_.relations.size()));
    out_ += "<div class=\"cols\">\n";
    WriteText();
    out_ += "<section class=\"part found\" aria-label=\"構造化所見\">\n";
    WriteTable();
    WriteUnattached();
    WriteWarnings();
    out_ += "</section>\n</div>\n</section>\n";
    return std::move(out_);
  }

 private:
  std::string MentionAnchor(std::size_t entity) const {
    return Numbered(prefix_ + "T", entity + 1);
  }
  std::string FindingAnchor(std::size_t number) const { return Numbered(prefix_ + "F", number); }
  // What a badge says of an object; one that no finding is about has no number.
  std::string NumberOf(std::size_t entity) const {
    const std::size_t number = numbers_[entity];
    return number > 0 ? Numbered("", number) : Numbered("T", entity + 1);
  }
  // The certainty of the finding of this number; null for none.
  const Certainty* CertaintyOf(std::size_t number) const {
    if (number == 0 || !report_.findings[number - 1].certainty) return nullptr;
    return &*report_.findings[number - 1].certainty;
  }
  // An object's number with the sign of its certainty: 3? or 4−.
  std::string SignedNumberOf(std::size_t entity) const {
    const Certainty* certainty = CertaintyOf(numbers_[entity]);
    return NumberOf(entity) +
           (certainty == nullptr ? "" : std::string(HtmlCertaintyOf(certainty->value).sign));
  }
  std::string TextOf(std::size_t entity) const { return HtmlLine(report_.entities[entity].text); }

  // The numbers of the findings an entity takes part in, for what is shown together.
  std::string Groups(std::size_t entity) const {
    std::string groups;
    const auto add = [&](std::size_t number) {
      if (number > 0) groups += Numbered(groups.empty() ? "" : " ", number);
    };
    add(numbers_[entity]);
    for (std::size_t tail : tails_[entity]) add(numbers_[tail]);
    return groups;
  }

  void WriteText() {
    const std::string anchor = prefix_ + "text";
    out_ += "<section class=\"part\" aria-labelledby=\"" + anchor + "\">\n<h3 id=\"" + anchor +
            "\">報告書</h3>\n<div class=\"text\">";
    std::size_t done = 0;
    for (std::size_t i = 0; i < report_.entities.size(); ++i) {
      const Range& range = report_.entities[i].span.utf8;
      AppendHtml(out_, text_, {done, range.begin});
      WriteMention(i, range);
      done = range.end;
    }
    AppendHtml(out_, text_, {done, text_.size()});
    if (text_.empty()) out_ += "<span class=\"none\">（本文がありません）</span>";
    out_ += "</div>\n</section>\n";
  }

  void WriteMention(std::size_t index, const Range& range) {
    const Entity& entity = report_.entities[index];
    const HtmlType& type = HtmlTypeOf(entity.type);
    const std::string groups = Groups(index);
    out_ += "<span class=\"m\"";
    if (!groups.empty()) out_ += " data-g=\"" + groups + "\"";
    out_ += "><span class=\"e " + std::string(type.style) + "\" id=\"" + MentionAnchor(index) +
            "\" title=\"" + HtmlLabelOf(entity.type) + "（" + HtmlLine(entity.type) + "）信頼度 " +
            Confidence(entity.confidence) + "\">";
    AppendHtml(out_, text_, range);
    out_ += "</span>";
    if (numbers_[index] > 0) {
      out_ += "<a class=\"n " + std::string(type.style) + "\" href=\"#" +
              FindingAnchor(numbers_[index]) + "\" aria-label=\"所見" + NumberOf(index) + "、" +
              HtmlLabelOf(entity.type) + CertaintyLabel(numbers_[index]) + "\">" +
              SignedNumberOf(index) + "</a>";
    }
    WriteLinks(index, type);
    out_ += "</span>";
  }

  std::string CertaintyLabel(std::size_t number) const {
    const Certainty* certainty = CertaintyOf(number);
    if (certainty == nullptr) return "";
    return "、" + std::string(HtmlCertaintyOf(certainty->value).label);
  }

  // 部1,2: from an attribute to its objects, or 根2 from an observation to the findings it
  // supports.
  void WriteLinks(std::size_t index, const HtmlType& type) {
    const bool is_object = numbers_[index] > 0;
    if (is_object && tails_[index].empty()) return;
    const std::string label = is_object ? "根拠" : HtmlLabelOf(report_.entities[index].type);
    const std::string mark(is_object ? "根" : type.mark);
    out_ += "<span class=\"b " + std::string(type.style) + "\">";
    if (tails_[index].empty()) out_ += mark;
    for (std::size_t i = 0; i < tails_[index].size(); ++i) {
      const std::size_t tail = tails_[index][i];
      if (i > 0) out_ += ',';
      out_ += "<a href=\"#" + MentionAnchor(tail) + "\" aria-label=\"" + label + "、所見" +
              NumberOf(tail) + " " + TextOf(tail) + "\">" + (i == 0 ? mark : "") + NumberOf(tail) +
              "</a>";
    }
    out_ += "</span>";
  }

  // The default model's attributes in a fixed order, then the others; only what this report has.
  std::vector<std::string> Columns() const {
    std::vector<std::string> columns;
    for (const HtmlType& type : HtmlTypes()) {
      const std::string name(type.name);
      if (attribute_types_.count(name) != 0 || name == kCertainty) columns.push_back(name);
    }
    for (const std::string& name : attribute_types_) {
      if (HtmlTypeOf(name).name.empty()) columns.push_back(name);
    }
    return columns;
  }

  void WriteTable() {
    if (report_.findings.empty()) {
      out_ += "<h3>所見の一覧</h3>\n<p class=\"none\">所見は見つかりませんでした。</p>\n";
      return;
    }
    const std::vector<std::string> columns = Columns();
    const auto header = [&](const std::string& label) {
      out_ += "<th scope=\"col\" role=\"columnheader\">" + label + "</th>";
    };
    out_ +=
        "<table role=\"table\"><caption>所見の一覧</caption>\n<thead role=\"rowgroup\"><tr "
        "role=\"row\">";
    header("所見（種類と信頼度）");
    for (const std::string& column : columns) header(HtmlLabelOf(column));
    if (has_evidence_) header("根拠");
    out_ += "</tr></thead>\n<tbody role=\"rowgroup\">\n";
    for (std::size_t i = 0; i < report_.findings.size(); ++i) WriteRow(i + 1, columns);
    out_ += "</tbody></table>\n";
  }

  void WriteRow(std::size_t number, const std::vector<std::string>& columns) {
    const Finding& finding = report_.findings[number - 1];
    const Entity& object = report_.entities[finding.object];
    out_ += "<tr role=\"row\" id=\"" + FindingAnchor(number) + "\" data-g=\"" +
            Numbered("", number) + "\"><th scope=\"row\" role=\"rowheader\">";
    WriteValues({finding.object}, true);
    out_ += "<span class=\"kind\">" + HtmlLabelOf(object.type) + " " +
            Confidence(object.confidence) + "</span></th>";
    const EntitiesByType groups = GroupByType(report_.entities, finding.attributes);
    for (const std::string& column : columns) {
      const auto group = std::find_if(groups.begin(), groups.end(),
                                      [&](const auto& g) { return g.first == column; });
      CellBegin(HtmlLabelOf(column));
      if (column == kCertainty) WriteCertainty(finding);
      if (group != groups.end()) {
        WriteValues(group->second, false);
      } else if (column == kCertainty && !SaidByType(finding)) {
        out_ += "<span class=\"none\">記載なし</span>";
      }
      out_ += "</td>";
    }
    if (has_evidence_) {
      CellBegin("根拠");
      WriteValues(finding.evidence, true);
      out_ += "</td>";
    }
    out_ += "</tr>\n";
  }

  // Nothing but descriptors and the object's own type makes an object less than definite.
  static bool SaidByType(const Finding& finding) {
    return finding.certainty && finding.certainty->value != CertaintyClass::kDefinite;
  }

  // The class, and the descriptors of other objects that it was taken over from.
  void WriteCertainty(const Finding& finding) {
    if (!finding.certainty) return;
    const HtmlCertainty& look = HtmlCertaintyOf(finding.certainty->value);
    out_ += "<span class=\"c " + std::string(look.style) + "\" title=\"" +
            std::string(CertaintyName(finding.certainty->value)) + " " +
            Confidence(finding.certainty->confidence) + "\">" + std::string(look.label) +
            "</span> ";
    std::vector<std::size_t> others;
    for (std::size_t source : finding.certainty->sources) {
      if (std::find(finding.attributes.begin(), finding.attributes.end(), source) ==
          finding.attributes.end())
        others.push_back(source);
    }
    if (others.empty()) return;
    WriteValues(others, false);
    out_ += "、";
  }

  void CellBegin(const std::string& label) {
    out_ += "<td role=\"cell\" data-label=\"" + label + "\">";
  }

  // Mentions' texts that lead to where they stand; an object's number before it when asked for.
  void WriteValues(const std::vector<std::size_t>& indices, bool numbered) {
    for (std::size_t i = 0; i < indices.size(); ++i) {
      const std::size_t index = indices[i];
      out_ += "<span class=\"v\"><a href=\"#" + MentionAnchor(index) + "\">";
      if (numbered) {
        out_ += "<span class=\"n " + std::string(HtmlTypeOf(report_.entities[index].type).style) +
                "\">" + NumberOf(index) + "</span>";
      }
      out_ += TextOf(index) + "</a>";
      WriteCodes(report_.entities[index]);
      if (i + 1 < indices.size()) out_ += "、";
      out_ += "</span>";
    }
  }

  // Behind a mention the codes of its terms; the preferred names show when they are pointed at.
  void WriteCodes(const Entity& entity) {
    if (entity.codes.empty()) return;
    std::string names;
    for (const TermCode& code : entity.codes) {
      if (!names.empty()) names += ", ";
      names += code.code + " " + code.name;
      if (!code.system.empty()) names += " (" + code.system + ")";
    }
    out_ += " <span class=\"code\" title=\"" + HtmlLine(names) + "\">" +
            HtmlLine(CodeText(entity)) + "</span>";
  }

  // What belongs to no finding is shown too: nothing that was extracted is hidden.
  void WriteUnattached() {
    std::vector<bool> attached(report_.entities.size(), false);
    for (const Finding& finding : report_.findings) {
      attached[finding.object] = true;
      for (std::size_t index : finding.attributes) attached[index] = true;
      for (std::size_t index : finding.evidence) attached[index] = true;
    }
    std::vector<std::size_t> rest;
    for (std::size_t i = 0; i < attached.size(); ++i) {
      if (!attached[i]) rest.push_back(i);
    }
    if (rest.empty()) return;
    out_ += "<div class=\"rest\"><h3>どの所見にも結び付かない語</h3>\n<dl>\n";
    for (const auto& [type, indices] : GroupByType(report_.entities, rest)) {
      out_ += "<div><dt>" + HtmlLabelOf(type) + "</dt><dd>";
      WriteValues(indices, false);
      out_ += "</dd></div>\n";
    }
    out_ += "</dl></div>\n";
  }

  void WriteWarnings() {
    if (report_.warnings.empty()) return;
    out_ += "<div class=\"warn\"><h3>注意</h3><ul>\n";
    for (const Warning& warning : report_.warnings) {
      out_ += "<li>" + HtmlLine(warning.code) + ": " + HtmlLine(warning.message) + "</li>\n";
    }
    out_ += "</ul></div>\n";
  }

  const std::string_view text_;
  const StructuredReport& report_;
  const std::string prefix_;                     // of this section's anchors
  std::vector<std::size_t> numbers_;             // of each entity's finding, 0 for none
  std::vector<std::vector<std::size_t>> tails_;  // what each entity belongs to
  std::set<std::string> attribute_types_;        // that some finding has
  bool has_evidence_ = false;
  std::string out_;
};

}  // namespace

std::string HtmlSection(std::size_t number, std::string_view id, std::string_view text,
                        const StructuredReport& report) {
  CheckIndices(report);
  CheckSpans(text, report);
  return SectionWriter(number, text, report).Write(number, id);
}

std::string HtmlErrorSection(std::size_t number, std::optional<std::string_view> id,
                             const Error& error, std::optional<std::size_t> line) {
  std::string name;
  if (id) {
    name = HtmlLine(*id);
  } else if (line) {
    name = Numbered("", *line) + " 行目";
  } else {
    name = "（名前なし）";
  }
  std::string out = SectionBegin(number, name, "処理できませんでした");
  out += "<div class=\"part\"><p class=\"fail\" role=\"note\">" +
         HtmlLine(ErrorCodeName(error.code())) + ": " + HtmlLine(error.what());
  if (error.offset()) out += Numbered("（", *error.offset()) + " バイト目）";
  return out + "</p></div>\n</section>\n";
}

}  // namespace radie
