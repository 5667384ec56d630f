// What is round the compared reports: figures, the list of reports, legend, foot.
#include <algorithm>
#include <string>

#include "libradie/write/html_comparison_style.h"
#include "libradie/write/html_frame.h"
#include "libradie/write/html_text.h"
#include "libradie/write/html_types.h"
#include "radie/comparison.h"

namespace radie {
namespace {

void AppendRowName(std::string& out, const HtmlFigures::Row& row) {
  out += std::string("<th scope=\"row\" role=\"rowheader\" class=\"") +
         (row.set_in ? "sub" : "main") + "\">" + HtmlLine(row.name);
  if (!row.name.empty() && !row.type.empty()) out += ' ';
  if (!row.type.empty()) out += HtmlRelationLabelOf(row.type);
  out += "</th>";
}

// `brief` leaves out the rows that are set in.
void AppendFigures(std::string& out, const HtmlFigures& figures, bool brief) {
  out += "<table role=\"table\"><caption>" + HtmlLine(figures.caption) +
         "</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">";
  std::vector<std::string> labels;
  for (const std::string& label : figures.header) {
    labels.push_back(HtmlLine(label));
    out += "<th scope=\"col\" role=\"columnheader\">" + labels.back() + "</th>";
  }
  out += "</tr></thead>\n<tbody role=\"rowgroup\">\n";
  for (const HtmlFigures::Row& row : figures.rows) {
    if (row.figures.size() + 1 != labels.size())
      throw Error(ErrorCode::kInvalidArgument, "figures: a row has not as many as the header");
    if (brief && row.set_in) continue;
    out += "<tr role=\"row\">";
    AppendRowName(out, row);
    for (std::size_t i = 0; i < row.figures.size(); ++i) {
      out += "<td role=\"cell\" data-label=\"" + labels[i + 1] + "\">" + HtmlLine(row.figures[i]) +
             "</td>";
    }
    out += "</tr>\n";
  }
  out += "</tbody></table>\n";
}

void AppendList(std::string& out, std::span<const HtmlListed> list) {
  out +=
      "<nav class=\"list\" id=\"list\" aria-labelledby=\"list-title\"><h2 "
      "id=\"list-title\">報告書（誤りの多い順）</h2>\n";
  if (list.empty()) out += "<p class=\"none\">報告書はありません。</p>\n";
  if (!list.empty()) out += "<ol>\n";
  for (const HtmlListed& listed : list) {
    const std::size_t entities = listed.missed_entities + listed.spurious_entities;
    const std::size_t relations = listed.missed_relations + listed.spurious_relations;
    out += "<li><a href=\"#" + Numbered("r", listed.number) + "\">" + HtmlLine(listed.id) +
           "</a><span class=\"counts\">";
    if (entities + relations == 0) out += "誤りなし";
    if (entities > 0) {
      out += Numbered("語 漏", listed.missed_entities) + Numbered("・余", listed.spurious_entities);
    }
    if (relations > 0) {
      out += Numbered(entities > 0 ? "、関係 漏" : "関係 漏", listed.missed_relations) +
             Numbered("・余", listed.spurious_relations);
    }
    if (listed.failed) out += "（予測なし）";
    out += "</span></li>\n";
  }
  if (!list.empty()) out += "</ol>\n";
  out += "</nav>\n";
}

void AppendComparisonLegend(std::string& out) {
  out += "<section class=\"legend\" aria-labelledby=\"legend\"><h2 id=\"legend\">凡例</h2>\n";
  AppendTypeLegend(out, false);
  out +=
      "<ul class=\"kinds\">\n"
      "<li><span class=\"x\">漏1</span>見落とし</li><li><span class=\"x\">余1</span>余分</li>"
      "<li><span class=\"x\">範1</span>範囲違い</li><li><span class=\"x\">種1</span>種類違い</li>"
      "<li><span class=\"x\">範種1</span>範囲・種類違い</li>"
      "<li><span class=\"x\">語1</span>関係の語の違い</li></ul>\n"
      "<p>番号は報告書ごとの相違の通し番号で、正解・予測・表に共通です。範囲や種類の違う語は、"
      "集計では見落とし1件と余分1件に数えます。</p></section>\n";
}

}  // namespace

std::string HtmlComparisonBegin(std::string_view title, std::string_view summary,
                                std::span<const HtmlFigures> figures,
                                std::span<const HtmlListed> list) {
  std::string out;
  AppendFrameBegin(out, title, HtmlComparisonStyle());
  out += "<p>" + HtmlLine(summary) + "</p>\n";
  AppendComparisonLegend(out);
  if (!figures.empty()) {
    out += "<section class=\"figures\" aria-labelledby=\"figures\"><h2 id=\"figures\">成績</h2>\n";
    AppendFigures(out, figures[0], true);
    out += "<details><summary>種類ごとの内訳</summary>\n";
    for (const HtmlFigures& table : figures) AppendFigures(out, table, false);
    out += "</details></section>\n";
  }
  AppendList(out, list);
  out += "</header>\n<main id=\"main\">\n";
  return out;
}

std::string HtmlComparisonEnd() {
  return "</main>\n<footer class=\"foot\"><p>radie eval "
         "による正解と予測の比較です。報告書の本文を含みます。取り扱いに注意してください。</p>"
         "</footer>\n</body>\n</html>\n";
}

}  // namespace radie
