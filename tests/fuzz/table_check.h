// A table beside the report that it is of, whatever its columns and lines are.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "libradie/base/utf8.h"
#include "made_report_fuzz.h"
#include "radie/writer.h"

namespace radie::fuzz {

class TableCheck {
 public:
  TableCheck(const FuzzedReport& made, const TableOptions& options)
      : report_(made.report), entities_(made.report.entities) {
    Title(made.id, std::max<std::size_t>(options.width, 40));
    for (const Finding& finding : report_.findings) Block(finding);
    Unattached();
    for (const Warning& warning : report_.warnings) {
      expected_ += "!" + Shown(warning.code) + ":" + Shown(warning.message);
    }
  }

  void Run(const std::string& table) {
    ASSERT_EQ(WellFormed(table, table.size()), table);
    ASSERT_EQ(Squeezed(Repaired(table)), expected_) << table;
    ASSERT_NO_FATAL_FAILURE(ExpectLines(table));
  }

 private:
  using Indices = std::vector<std::size_t>;

  // Every line ends. Below the title there is nothing at the left edge, where a line break of the
  // report's own would put what follows it.
  static void ExpectLines(const std::string& table) {
    std::size_t number = 0;
    for (std::size_t begin = 0; begin < table.size(); ++number) {
      const std::size_t end = table.find('\n', begin);
      ASSERT_NE(end, table.npos) << "line " << number;
      const std::string line = table.substr(begin, end - begin);
      const bool fits = number < 2 || line.empty() || line.starts_with("  ");
      ASSERT_TRUE(fits) << line;
      begin = end + 1;
    }
    ASSERT_GE(number, 2U);
  }

  static std::string Squeezed(std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
    return text;
  }

  // What must not reach a terminal as U+FFFD, and no white space: how much of it stays depends on
  // the characters beside it and on the width.
  static std::string Shown(const std::string& bytes) {
    const std::string text = WellFormed(bytes, bytes.size());
    std::string shown;
    for (std::size_t at = 0; at < text.size();) {
      const char32_t c = NextCodePoint(text, &at);
      const bool space = c == '\t' || c == '\n' || c == '\r';
      const bool unsafe = c < 0x20 || (c >= 0x7F && c < 0xA0) ||
                          std::u32string_view(
                              U"\u061C\u200E\u200F\u2028\u2029\u202A\u202B\u202C"
                              U"\u202D\u202E\u2066\u2067\u2068\u2069")
                                  .find(c) != std::u32string_view::npos;
      AppendUtf8(space ? U' ' : unsafe ? U'\uFFFD' : c, &shown);
    }
    return Squeezed(Repaired(shown));
  }

  static std::string Label(std::string type) {
    for (const std::string suffix : {"_descriptor", "_entity"}) {
      if (type.size() > suffix.size() && type.ends_with(suffix)) {
        type.resize(type.size() - suffix.size());
      }
    }
    std::string label = Shown(type);
    std::erase(label, '_');
    return label;
  }

  static bool IsCertainty(const Entity& entity) { return entity.type.starts_with("Certainty"); }

  static std::string Count(std::size_t count, const char* one, const char* more) {
    return std::to_string(count) + (count == 1 ? one : more);
  }

  void Title(const std::string& id, std::size_t width) {
    expected_ += Shown(id) + Count(report_.findings.size(), "finding,", "findings,") +
                 Count(entities_.size(), "entity,", "entities,") +
                 Count(report_.relations.size(), "relation", "relations");
    for (; width > 0; --width) expected_ += "─";
  }

  std::string TextOf(std::size_t index) const {
    const Entity& entity = entities_[index];
    std::string codes;
    for (const TermCode& code : entity.codes) {
      if (!codes.empty()) codes += ", ";
      codes += code.whole ? code.code : code.term + " " + code.code;
    }
    return Shown(entity.text) + (entity.codes.empty() ? "" : "[" + Shown(codes) + "]");
  }

  std::string TextsOf(const Indices& indices) const {
    std::string texts;
    for (const std::size_t index : indices) texts += "," + TextOf(index);
    return texts.substr(std::min<std::size_t>(texts.size(), 1));
  }

  void Block(const Finding& finding) {
    const Entity& object = entities_[finding.object];
    // Cut behind two decimals of the four that records have.
    const std::string hundredths =
        std::to_string(100 + std::lround(object.confidence * 10000) / 100);
    expected_ += "T" + std::to_string(finding.object + 1) + TextOf(finding.object) +
                 Label(object.type) + (hundredths[0] == '2' ? "1." : "0.") + hundredths.substr(1);
    CertaintyRow(finding);
    Indices others = finding.attributes;
    std::erase_if(others, [&](std::size_t i) { return IsCertainty(entities_[i]); });
    Rows(others);
    if (!finding.evidence.empty()) expected_ += "Evidence" + TextsOf(finding.evidence);
  }

  void CertaintyRow(const Finding& finding) {
    std::set<std::size_t> said;
    for (const std::size_t i : finding.attributes) {
      if (IsCertainty(entities_[i])) said.insert(i);
    }
    const auto& certainty = finding.certainty;
    if (certainty) said.insert(certainty->sources.begin(), certainty->sources.end());
    const bool told = std::any_of(entities_.begin(), entities_.end(), IsCertainty);
    if (said.empty() && !certainty && !told) return;
    expected_ += "Certainty";
    if (certainty) expected_ += Label(ClassOf(certainty->value));
    if (!said.empty()) {
      expected_ += (certainty ? ":" : "") + TextsOf({said.begin(), said.end()});
    } else {
      const bool by_type = certainty && certainty->value != CertaintyClass::kDefinite;
      expected_ += by_type ? "(itstype)" : "(notsaid)";
    }
  }

  // One for each type, in the order in which the types come.
  void Rows(const Indices& indices) {
    std::vector<std::string> types;
    for (const std::size_t i : indices) {
      if (std::find(types.begin(), types.end(), entities_[i].type) == types.end()) {
        types.push_back(entities_[i].type);
      }
    }
    for (const std::string& type : types) {
      Indices of_type = indices;
      std::erase_if(of_type, [&](std::size_t i) { return entities_[i].type != type; });
      expected_ += Label(type) + TextsOf(of_type);
    }
  }

  void Unattached() {
    std::vector<bool> attached(entities_.size(), false);
    for (const Finding& finding : report_.findings) {
      attached[finding.object] = true;
      for (const std::size_t i : finding.attributes) attached[i] = true;
      for (const std::size_t i : finding.evidence) attached[i] = true;
    }
    Indices rest;
    for (std::size_t i = 0; i < entities_.size(); ++i) {
      if (!attached[i]) rest.push_back(i);
    }
    if (entities_.empty()) expected_ += "Nofindings.";
    if (!rest.empty()) expected_ += "Attachedtonofinding";
    Rows(rest);
  }

  const StructuredReport& report_;
  const std::vector<Entity>& entities_;
  std::string expected_;  // without spaces and line breaks
};

}  // namespace radie::fuzz
