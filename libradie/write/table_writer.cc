// Findings for people. One block an object:
//
//   T4  結節                                           Imaging observation  0.98
//       Certainty        definite: 認める
//       Anatomical       右肺上葉, S1
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "libradie/base/report_check.h"
#include "libradie/write/attributes_by_type.h"
#include "libradie/write/code_text.h"
#include "libradie/write/display_text.h"
#include "libradie/write/json_text.h"
#include "radie/writer.h"

namespace radie {
namespace {

constexpr std::size_t kSmallestWidth = 40;
constexpr std::string_view kEvidenceLabel = "Evidence";
constexpr std::string_view kCertaintyType =
    "Certainty";  // the type, whatever its suffix, that says how sure the reporter is

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// "Anatomical_entity" → "Anatomical", "Imaging_observation" → "Imaging observation".
std::string Label(std::string_view type) {
  for (std::string_view suffix : {"_descriptor", "_entity"}) {
    if (type.size() > suffix.size() && type.substr(type.size() - suffix.size()) == suffix) {
      type.remove_suffix(suffix.size());
    }
  }
  std::string label = OneSafeLine(type);
  std::replace(label.begin(), label.end(), '_', ' ');
  return label;
}

// SGR parameters; types that the default information model lacks share one.
std::string_view ColorOf(std::string_view type) {
  if (StartsWith(type, "Imaging")) return "1;36";
  if (StartsWith(type, "Clinical")) return "1;35";
  if (StartsWith(type, kCertaintyType)) return "33";
  if (StartsWith(type, "Anatomical")) return "32";
  if (StartsWith(type, "Change")) return "31";
  if (StartsWith(type, "Size")) return "34";
  return "37";
}

class TableWriter {
 public:
  TableWriter(const StructuredReport& report, const TableOptions& options)
      : report_(report), options_(options), width_(std::max(options.width, kSmallestWidth)) {
    label_width_ = kEvidenceLabel.size();
    std::set<std::string_view> object_types;  // their labels stand at the right edge
    for (const Finding& finding : report.findings) {
      object_types.insert(report.entities[finding.object].type);
    }
    for (const Entity& entity : report.entities) {
      has_certainty_ = has_certainty_ || StartsWith(entity.type, kCertaintyType);
      if (object_types.count(entity.type) != 0) continue;
      label_width_ = std::max(label_width_, DisplayWidth(Label(entity.type)));
    }
    label_width_ = std::min(label_width_, width_ / 3);
    id_width_ = 1 + std::to_string(report.entities.size()).size();
  }

  std::string Write(std::string_view id) {
    WriteTitle(id);
    for (const Finding& finding : report_.findings) WriteFinding(finding);
    WriteUnattached();
    for (const Warning& warning : report_.warnings) {
      out_ += "\n  ! " + OneSafeLine(warning.code) + ": " + OneSafeLine(warning.message) + "\n";
    }
    return std::move(out_);
  }

 private:
  std::string Colored(const std::string& text, std::string_view sgr) const {
    if (!options_.color) return text;
    return "\x1b[" + std::string(sgr) + "m" + text + "\x1b[0m";
  }

  static std::string Count(std::size_t n, const std::string& noun) {
    return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
  }

  void WriteTitle(std::string_view id) {
    const std::string name = OneSafeLine(id);
    std::size_t entities = report_.entities.size();
    const std::string counts =
        Count(report_.findings.size(), "finding") + ", " + std::to_string(entities) +
        (entities == 1 ? " entity, " : " entities, ") + Count(report_.relations.size(), "relation");
    out_ += Colored(name, "1") + Gap(DisplayWidth(name) + counts.size()) + counts + "\n";
    for (std::size_t i = 0; i < width_; ++i) out_ += "─";
    out_ += '\n';
  }

  // Spaces that push the rest of a line to the right edge; at least two.
  std::string Gap(std::size_t used) const {
    return std::string(used + 2 < width_ ? width_ - used : 2, ' ');
  }

  void WriteFinding(const Finding& finding) {
    const Entity& object = report_.entities[finding.object];
    std::string id = "T";
    id += std::to_string(finding.object + 1);
    id.resize(std::max(id.size(), id_width_), ' ');
    const std::string text = TextOf(object);
    std::string facts = Label(object.type) + "  ";
    AppendConfidence(facts, object.confidence);
    facts.resize(facts.size() - 2);  // two decimals are enough for the eye
    out_ += "\n  " + id + "  " + Colored(text, ColorOf(object.type)) +
            Gap(4 + id.size() + DisplayWidth(text) + facts.size()) + facts + "\n";

    WriteCertainty(finding);
    for (const auto& [type, indices] : GroupByType(report_.entities, finding.attributes)) {
      if (!StartsWith(type, kCertaintyType)) WriteRow(Label(type), Texts(indices), ColorOf(type));
    }
    if (!finding.evidence.empty())
      WriteRow(std::string(kEvidenceLabel), Texts(finding.evidence), "36");
  }

  // "likely: 疑います": the class, and all that the report says of it.
  void WriteCertainty(const Finding& finding) {
    std::set<std::size_t> said;
    for (std::size_t index : finding.attributes) {
      if (StartsWith(report_.entities[index].type, kCertaintyType)) said.insert(index);
    }
    if (finding.certainty)
      said.insert(finding.certainty->sources.begin(), finding.certainty->sources.end());
    if (said.empty() && !finding.certainty && !has_certainty_) return;
    std::vector<std::string> texts = Texts({said.begin(), said.end()});
    // What is less than definite without a word, its type says.
    const bool by_type = finding.certainty && finding.certainty->value != CertaintyClass::kDefinite;
    if (texts.empty()) texts.push_back(by_type ? "(its type)" : "(not said)");
    if (finding.certainty) {
      std::string name(CertaintyName(finding.certainty->value));
      std::replace(name.begin(), name.end(), '_', ' ');
      texts.front() = name + (said.empty() ? " " : ": ") + texts.front();
    }
    WriteRow(std::string(kCertaintyType), texts, said.empty() ? "2" : ColorOf(kCertaintyType));
  }

  // The mention, and the codes of its terms in brackets.
  static std::string TextOf(const Entity& entity) {
    std::string text = OneSafeLine(entity.text);
    if (!entity.codes.empty()) text += " [" + OneSafeLine(CodeText(entity)) + "]";
    return text;
  }

  std::vector<std::string> Texts(const std::vector<std::size_t>& indices) const {
    std::vector<std::string> texts;
    texts.reserve(indices.size());
    for (std::size_t index : indices) texts.push_back(TextOf(report_.entities[index]));
    return texts;
  }

  // Label, then the values joined with commas, going on under the first one where a line is full.
  void WriteRow(std::string label, const std::vector<std::string>& values, std::string_view sgr) {
    const std::size_t indent = 4 + id_width_;
    const std::size_t start = indent + label_width_ + 2;
    const std::size_t used = DisplayWidth(label);
    if (used < label_width_) label.append(label_width_ - used, ' ');
    out_ += std::string(indent, ' ') + label + "  ";
    std::size_t column = start;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const bool last = i + 1 == values.size();
      const std::size_t value_width = DisplayWidth(values[i]);
      if (column > start && column + value_width + (last ? 0 : 1) > width_) {
        out_.pop_back();  // the space after the comma
        out_ += '\n' + std::string(start, ' ');
        column = start;
      }
      out_ += Colored(values[i], sgr) + (last ? "" : ", ");
      column += value_width + 2;
    }
    out_ += '\n';
  }

  // What belongs to no finding is shown too: nothing that was extracted is hidden.
  void WriteUnattached() {
    std::set<std::size_t> attached;
    for (const Finding& finding : report_.findings) {
      attached.insert(finding.object);
      attached.insert(finding.attributes.begin(), finding.attributes.end());
      attached.insert(finding.evidence.begin(), finding.evidence.end());
    }
    std::vector<std::size_t> rest;
    for (std::size_t i = 0; i < report_.entities.size(); ++i) {
      if (attached.count(i) == 0) rest.push_back(i);
    }
    if (report_.findings.empty() && rest.empty()) out_ += "\n  No findings.\n";
    if (rest.empty()) return;
    out_ += "\n  Attached to no finding\n";
    for (const auto& [type, indices] : GroupByType(report_.entities, rest)) {
      WriteRow(Label(type), Texts(indices), ColorOf(type));
    }
  }

  const StructuredReport& report_;
  const TableOptions& options_;
  std::size_t width_;
  std::size_t label_width_ = 0;
  std::size_t id_width_ = 0;
  bool has_certainty_ = false;
  std::string out_;
};

}  // namespace

std::string ToTable(std::string_view id, const StructuredReport& report,
                    const TableOptions& options) {
  CheckIndices(report);
  return TableWriter(report, options).Write(id);
}

}  // namespace radie
