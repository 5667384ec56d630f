// One report of the page of comparisons: the annotated text beside the predicted one, and a row for
// whatever differs. A difference has a number; both texts and the row show it.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "libradie/base/report_check.h"
#include "libradie/write/html_frame.h"
#include "libradie/write/html_marks.h"
#include "libradie/write/html_text.h"
#include "libradie/write/html_types.h"
#include "radie/comparison.h"

namespace radie {
namespace {

struct KindWords {
  const char* letter;
  const char* label;
  const char* style;
};

KindWords WordsOf(EntityDifference::Kind kind) {
  using Kind = EntityDifference::Kind;
  switch (kind) {
    case Kind::kMissed:
      return {"漏", "見落とし", "d mis"};
    case Kind::kSpurious:
      return {"余", "余分", "d spu"};
    case Kind::kType:
      return {"種", "種類違い", "d"};
    case Kind::kBounds:
      return {"範", "範囲違い", "d"};
    case Kind::kBoundsAndType:
      return {"範種", "範囲・種類違い", "d"};
  }
  return {"", "", ""};
}

KindWords WordsOf(RelationDifference::Kind kind) {
  using Kind = RelationDifference::Kind;
  switch (kind) {
    case Kind::kMissed:
      return {"漏", "見落とし", ""};
    case Kind::kSpurious:
      return {"余", "余分", ""};
    case Kind::kType:
      return {"種", "種類違い", ""};
    case Kind::kMentions:
      return {"語", "語の違い", ""};
  }
  return {"", "", ""};
}

void CheckIndex(bool fits, const char* field) {
  if (!fits) {
    throw Error(ErrorCode::kInvalidArgument,
                std::string("differences.") + field + ": an index points past its list");
  }
}

void Check(const StructuredReport& gold, const Compared& compared) {
  const StructuredReport& found = *compared.report;
  for (const EntityDifference& d : compared.differences->entities) {
    CheckIndex(!d.gold || *d.gold < gold.entities.size(), "entities.gold");
    CheckIndex(!d.predicted || *d.predicted < found.entities.size(), "entities.predicted");
  }
  for (const RelationDifference& d : compared.differences->relations) {
    CheckIndex(!d.gold || *d.gold < gold.relations.size(), "relations.gold");
    CheckIndex(!d.predicted || *d.predicted < found.relations.size(), "relations.predicted");
  }
  for (std::size_t index : compared.differences->equal_relations)
    CheckIndex(index < gold.relations.size(), "equal_relations");
}

// One side's text and its mentions.
class Panel {
 public:
  Panel(const StructuredReport& report, std::string_view text, std::string prefix)
      : report_(report), text_(text), prefix_(std::move(prefix)), marks_(report.entities.size()) {
    for (std::size_t i = 0; i < marks_.size(); ++i) {
      const Entity& entity = report_.entities[i];
      marks_[i].anchor = Anchor(i);
      marks_[i].title = HtmlLabelOf(entity.type) + "（" + HtmlLine(entity.type) + "）";
      const HtmlType& type = HtmlTypeOf(entity.type);
      marks_[i].behind =
          "<span class=\"b " + std::string(type.style) + "\">" + std::string(type.mark) + "</span>";
    }
  }

  void AddDifference(std::size_t index, const KindWords& words, const std::string& number,
                     const std::string& row) {
    HtmlMark& mark = marks_[index];
    mark.classes = words.style;
    mark.title += " 相違" + number + " " + words.label;
    mark.behind += "<a class=\"x\" href=\"#" + row + "\" aria-label=\"相違" + number + "、" +
                   words.label + "\">" + words.letter + number + "</a>";
    AddGroup(index, number);
  }

  void AddGroup(std::size_t index, const std::string& number) {
    std::string& groups = marks_[index].groups;
    groups += (groups.empty() ? "" : " ") + number;
  }

  void Write(std::string& out, const char* title) const {
    const std::string anchor = prefix_ + "text";
    out += "<section class=\"part\" aria-labelledby=\"" + anchor + "\">\n<h3 id=\"" + anchor +
           "\">" + title + "</h3>\n<div class=\"text\">";
    const std::vector<std::size_t> over = AppendMarkedText(out, text_, report_, marks_);
    if (text_.empty()) out += "<span class=\"none\">（本文がありません）</span>";
    out += "</div>\n";
    if (!over.empty()) {
      out += "<h4>ほかの語と重なる語</h4>\n<ul class=\"over\">\n";
      for (std::size_t index : over) {
        out += "<li>";
        AppendMark(out, text_, report_.entities[index].span.utf8, report_.entities[index].type,
                   marks_[index]);
        out += "</li>\n";
      }
      out += "</ul>\n";
    }
    out += "</section>\n";
  }

  // The mention's text, as a link to it.
  std::string Link(std::size_t index) const {
    const Range& range = report_.entities[index].span.utf8;
    return "<a href=\"#" + Anchor(index) + "\">" +
           HtmlLine(text_.substr(range.begin, range.end - range.begin)) + "</a>";
  }

  std::string LabelOf(std::size_t index) const { return HtmlLabelOf(report_.entities[index].type); }

 private:
  std::string Anchor(std::size_t index) const { return Numbered(prefix_, index + 1); }

  const StructuredReport& report_;
  const std::string_view text_;
  const std::string prefix_;
  std::vector<HtmlMark> marks_;
};

class ComparisonWriter {
 public:
  ComparisonWriter(std::size_t number, const ComparedReport& report)
      : report_(report),
        prefix_(Numbered("r", number) + "-"),
        gold_(*report.gold, report.text, prefix_ + "G"),
        predicted_(report.predicted.report != nullptr ? *report.predicted.report : kNothing,
                   report.text, prefix_ + "P") {
    if (report.related.report == nullptr) return;
    // Relations between annotated mentions lead to the annotated text, in whatever order the
    // report that holds them has its mentions.
    std::map<std::pair<std::pair<std::size_t, std::size_t>, std::string>, std::size_t> places;
    const auto key = [](const Entity& entity) {
      return std::pair(std::pair(entity.span.code_points.begin, entity.span.code_points.end),
                       entity.type);
    };
    for (std::size_t i = 0; i < report.gold->entities.size(); ++i)
      places.emplace(key(report.gold->entities[i]), i);
    for (const Entity& entity : report.related.report->entities) {
      const auto place = places.find(key(entity));
      CheckIndex(place != places.end(), "related: an entity that is not annotated");
      in_gold_.push_back(place->second);
    }
  }

  std::string Write(std::size_t number) {
    WriteTables();
    std::string out = SectionBegin(number, HtmlLine(report_.id), Facts());
    const StructuredReport* found = report_.predicted.report;
    const bool both = found != nullptr && !(report_.failed && found->entities.empty());
    if (report_.failed) {
      out +=
          "<div class=\"part\"><p class=\"fail\" role=\"note\">予測がないか、処理できませんでした。"
          "その分は何も見つからなかったものとして数えます。</p></div>\n";
    }
    if (both) out += "<div class=\"pair\">\n";
    gold_.Write(out, "正解");
    if (both) {
      predicted_.Write(out, "予測");
      out += "</div>\n";
    }
    out += "<section class=\"part found\" aria-label=\"相違\">\n" + tables_ +
           "<p class=\"back\"><a href=\"#list\">報告書の一覧へ</a></p></section>\n</section>\n";
    return out;
  }

 private:
  static const StructuredReport kNothing;

  std::string Row(std::size_t number) const { return Numbered(prefix_ + "D", number); }

  std::string Facts() const {
    std::string facts;
    const Differences* found = report_.predicted.differences;
    if (found != nullptr) {
      facts += Numbered("語の相違 ", found->entities.size());
      if (report_.relations) facts += Numbered("・関係の相違 ", found->relations.size());
    }
    if (report_.related.differences != nullptr && report_.relations) {
      facts += Numbered(facts.empty() ? "正解の語の間の関係の相違 " : "・正解の語の間では ",
                        report_.related.differences->relations.size());
    }
    return facts;
  }

  void WriteTables() {
    if (report_.predicted.differences != nullptr) {
      WriteEntities(report_.predicted.differences->entities);
      if (report_.relations) {
        WriteRelations("関係", report_.predicted, false);
        WriteEqual("一致した関係 ", report_.predicted);
      }
    }
    if (report_.related.differences != nullptr && report_.relations) {
      WriteRelations("正解の語の間の関係（第2段だけの相違）", report_.related, true);
      if (report_.predicted.report == nullptr) WriteEqual("一致した関係 ", report_.related);
    }
  }

  void TableBegin(const std::string& caption) {
    tables_ += "<table role=\"table\"><caption>" + caption +
               "</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">";
    for (const char* label : {"相違", "正解", "予測"})
      tables_ += std::string("<th scope=\"col\" role=\"columnheader\">") + label + "</th>";
    tables_ += "</tr></thead>\n<tbody role=\"rowgroup\">\n";
  }

  void WriteNone(const std::string& what) {
    tables_ += "<h3>" + what + "</h3>\n<p class=\"none\">相違はありません。</p>\n";
  }

  // Returns the row's number.
  std::string RowBegin(const KindWords& words) {
    std::string number = std::to_string(++rows_);
    tables_ += "<tr role=\"row\" id=\"" + Row(rows_) + "\" data-g=\"" + number +
               "\"><th scope=\"row\" role=\"rowheader\"><span class=\"x\">" + words.letter +
               number + "</span>" + words.label + "</th>";
    return number;
  }

  void Cell(const char* label, const std::string& content) {
    tables_ += std::string("<td role=\"cell\" data-label=\"") + label + "\">" + content + "</td>";
  }

  static std::string Mention(const Panel& panel, const std::optional<std::size_t>& index) {
    if (!index) return "<span class=\"none\">なし</span>";
    return panel.Link(*index) + " <span class=\"none\">" + panel.LabelOf(*index) + "</span>";
  }

  void WriteEntities(const std::vector<EntityDifference>& differences) {
    if (differences.empty()) return WriteNone("語");
    TableBegin("語");
    for (const EntityDifference& difference : differences) {
      const KindWords words = WordsOf(difference.kind);
      const std::string number = RowBegin(words);
      if (difference.gold) gold_.AddDifference(*difference.gold, words, number, Row(rows_));
      if (difference.predicted)
        predicted_.AddDifference(*difference.predicted, words, number, Row(rows_));
      Cell("正解", Mention(gold_, difference.gold));
      Cell("予測", Mention(predicted_, difference.predicted));
      tables_ += "</tr>\n";
    }
    tables_ += "</tbody></table>\n";
  }

  static std::string Relating(const Panel& panel, const std::string& type, std::size_t head,
                              std::size_t tail) {
    return panel.Link(head) + "<span class=\"arrow\">→</span>" + panel.Link(tail) +
           " <span class=\"none\">" + HtmlRelationLabelOf(type) + "</span>";
  }

  // A side of a difference in relations; the mentions are shown together with its row.
  std::string Side(Panel& panel, const std::vector<Relation>& relations,
                   const std::optional<std::size_t>& index, const std::vector<std::size_t>* places,
                   const std::string& number) {
    if (!index) return "<span class=\"none\">なし</span>";
    const Relation& relation = relations[*index];
    const std::size_t head = places != nullptr ? (*places)[relation.head] : relation.head;
    const std::size_t tail = places != nullptr ? (*places)[relation.tail] : relation.tail;
    panel.AddGroup(head, number);
    panel.AddGroup(tail, number);
    return Relating(panel, relation.type, head, tail);
  }

  void WriteRelations(const std::string& caption, const Compared& compared, bool on_gold) {
    const std::vector<RelationDifference>& differences = compared.differences->relations;
    if (differences.empty()) return WriteNone(caption);
    TableBegin(caption);
    Panel& other = on_gold ? gold_ : predicted_;
    for (const RelationDifference& difference : differences) {
      const std::string number = RowBegin(WordsOf(difference.kind));
      Cell("正解", Side(gold_, report_.gold->relations, difference.gold, nullptr, number));
      Cell("予測", Side(other, compared.report->relations, difference.predicted,
                        on_gold ? &in_gold_ : nullptr, number));
      tables_ += "</tr>\n";
    }
    tables_ += "</tbody></table>\n";
  }

  void WriteEqual(const char* title, const Compared& compared) {
    const std::vector<std::size_t>& equal = compared.differences->equal_relations;
    if (equal.empty()) return;
    tables_ += "<details><summary>" + Numbered(title, equal.size()) + "</summary><ul>\n";
    for (std::size_t index : equal) {
      const Relation& relation = report_.gold->relations[index];
      tables_ += "<li>" + Relating(gold_, relation.type, relation.head, relation.tail) + "</li>\n";
    }
    tables_ += "</ul></details>\n";
  }

  const ComparedReport& report_;
  const std::string prefix_;  // of this section's anchors
  Panel gold_, predicted_;
  std::vector<std::size_t> in_gold_;  // the annotated entity that each of related's is
  std::string tables_;
  std::size_t rows_ = 0;
};

const StructuredReport ComparisonWriter::kNothing;

}  // namespace

std::string HtmlComparisonSection(std::size_t number, const ComparedReport& report) {
  CheckIndices(*report.gold);
  CheckPlaces(report.text, *report.gold);
  for (const Compared* compared : {&report.predicted, &report.related}) {
    if (compared->report == nullptr) continue;
    CheckIndices(*compared->report);
    CheckPlaces(report.text, *compared->report);
    Check(*report.gold, *compared);
  }
  return ComparisonWriter(number, report).Write(number);
}

}  // namespace radie
