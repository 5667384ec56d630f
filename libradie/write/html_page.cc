// What is round the reports: head, style, legend, foot.
#include <string>

#include "libradie/write/html_frame.h"
#include "radie/writer.h"

namespace radie {
namespace {

void AppendLegend(std::string& out) {
  out += "<section class=\"legend\" aria-labelledby=\"legend\"><h2 id=\"legend\">凡例</h2>\n";
  AppendTypeLegend(out, true);
  out +=
      "<p>番号は所見ごとの通し番号です。番号の後の「?」は疑いや可能性、「−」は否定を表します。"
      "「部1」は番号1の部位、「根2」は番号2の根拠となる所見を"
      "示します。番号のない語は、どの所見にも結び付いていません。</p></section>\n";
}

}  // namespace

std::string HtmlPageBegin(std::string_view title) {
  std::string out;
  AppendFrameBegin(out, title);
  AppendLegend(out);
  out += "</header>\n<main id=\"main\">\n";
  return out;
}

std::string HtmlPageEnd() {
  return "</main>\n<footer class=\"foot\"><p>radie "
         "が報告書の文面から自動で抽出した結果です。誤りを含むことがあります。診療上の判断には原文"
         "を確認してください。</p>"
         "</footer>\n</body>\n</html>\n";
}

std::string ToHtml(std::span<const NamedReport> reports) {
  const bool one = reports.size() == 1;
  std::string out = HtmlPageBegin(one ? reports[0].id : std::string_view("読影報告書の構造化"));
  for (std::size_t i = 0; i < reports.size(); ++i) {
    out += HtmlSection(i + 1, reports[i].id, reports[i].text, *reports[i].report);
  }
  return out + HtmlPageEnd();
}

std::string ToHtml(std::string_view id, std::string_view text, const StructuredReport& report) {
  const NamedReport one = {id, text, &report};
  return ToHtml(std::span(&one, 1));
}

}  // namespace radie
