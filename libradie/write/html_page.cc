// What is round the reports: head, style, legend, foot.
#include <string>

#include "libradie/write/html_style.h"
#include "libradie/write/html_text.h"
#include "libradie/write/html_types.h"
#include "radie/writer.h"

namespace radie {
namespace {

// Pointing at one member of a group shows the others. CSS has no "the same number", so there is a
// rule a number; findings beyond are numbered like all others and only not shown together.
constexpr int kHighlightedGroups = 60;

void AppendHighlightRules(std::string& out) {
  out += "@media screen{\n";
  for (int i = 1; i <= kHighlightedGroups; ++i) {
    const std::string group = "[data-g~=\"" + std::to_string(i) + "\"]";
    out += ".report:has(" + group + ":hover) " + group +
           "{outline:2px solid var(--hit);outline-offset:1px;border-radius:.2em}\n";
  }
  out += "}\n";
}

void AppendLegend(std::string& out) {
  out += "<section class=\"legend\" aria-labelledby=\"legend\"><h2 id=\"legend\">凡例</h2>\n<ul>\n";
  for (const HtmlType& type : HtmlTypes()) {
    const std::string style(type.style), label(type.label);
    out += "<li><span class=\"e " + style + "\">" + label + "</span>";
    out += type.is_object
               ? "<span class=\"n " + style + "\">1</span>"
               : "<span class=\"b " + style + "\">" + std::string(type.mark) + "1</span>";
    out += "</li>\n";
  }
  out +=
      "</"
      "ul>\n<p>番号は所見ごとの通し番号です。番号の後の「?」は疑いや可能性、「−」は否定を表します。"
      "「部1」は番号1の部位、「根2」は番号2の根拠となる所見を"
      "示します。番号のない語は、どの所見にも結び付いていません。</p></section>\n";
}

}  // namespace

std::string HtmlPageBegin(std::string_view title) {
  const std::string name = HtmlLine(title);
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"ja\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" "
      "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"generator\" content=\"radie\">\n<title>" +
      name + "</title>\n<style>";
  out += HtmlStyle();
  AppendHighlightRules(out);
  out +=
      "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">本文へ移動</a>\n<header "
      "class=\"top\">\n<h1>" +
      name + "</h1>\n";
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
