#include "libradie/write/html_frame.h"

#include "libradie/write/html_style.h"
#include "libradie/write/html_text.h"
#include "libradie/write/html_types.h"

namespace radie {
namespace {

// Pointing at one member of a group shows the others. CSS has no "the same number", so there is a
// rule a number; groups beyond are numbered like all others and only not shown together.
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

}  // namespace

void AppendFrameBegin(std::string& out, std::string_view title, std::string_view more_style) {
  const std::string name = HtmlLine(title);
  out +=
      "<!DOCTYPE html>\n<html lang=\"ja\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" "
      "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"generator\" content=\"radie\">\n<title>" +
      name + "</title>\n<style>";
  out += HtmlStyle();
  out += more_style;
  AppendHighlightRules(out);
  out +=
      "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">本文へ移動</a>\n<header "
      "class=\"top\">\n<h1>" +
      name + "</h1>\n";
}

void AppendTypeLegend(std::string& out, bool with_numbers) {
  const std::string number = with_numbers ? "1" : "";
  out += "<ul>\n";
  for (const HtmlType& type : HtmlTypes()) {
    const std::string style(type.style), label(type.label), mark(type.mark);
    out += "<li><span class=\"e " + style + "\">" + label + "</span>";
    out += type.is_object && with_numbers
               ? "<span class=\"n " + style + "\">1</span>"
               : "<span class=\"b " + style + "\">" + mark + number + "</span>";
    out += "</li>\n";
  }
  out += "</ul>\n";
}

std::string Numbered(std::string_view before, std::size_t number) {
  std::string text(before);
  text += std::to_string(number);
  return text;
}

std::string SectionBegin(std::size_t number, const std::string& name, const std::string& facts) {
  const std::string anchor = Numbered("r", number);
  return "<section class=\"report\" id=\"" + anchor + "\" aria-labelledby=\"" + anchor +
         "-name\">\n<header class=\"name\"><h2 id=\"" + anchor + "-name\">" + name + "</h2><p>" +
         facts + "</p></header>\n";
}

}  // namespace radie
