#include "libradie/write/html_types.h"

#include <algorithm>

#include "libradie/write/html_text.h"

namespace radie {
namespace {

constexpr HtmlType kTypes[] = {
    {"Imaging_observation", "obs", "画像所見", "所", true},
    {"Clinical_finding", "dx", "診断・病態", "診", true},
    {"Certainty_descriptor", "cer", "確信度", "確", false},
    {"Anatomical_entity", "loc", "部位", "部", false},
    {"Size_descriptor", "siz", "大きさ", "大", false},
    {"Characteristics_descriptor", "chr", "性状", "性", false},
    {"Change_descriptor", "chg", "変化", "変", false},
};
constexpr HtmlType kOther = {"", "oth", "その他", "他", false};

// By CertaintyClass.
constexpr HtmlCertainty kCertainties[] = {{"denied", "否定", "−"},
                                          {"denied", "否定的", "−?"},
                                          {"open", "可能性", "?"},
                                          {"open", "疑い", "?"},
                                          {"sure", "あり", ""}};

}  // namespace

std::span<const HtmlType> HtmlTypes() { return kTypes; }

const HtmlType& HtmlTypeOf(std::string_view type) {
  const auto* found = std::find_if(std::begin(kTypes), std::end(kTypes),
                                   [&](const HtmlType& known) { return known.name == type; });
  return found == std::end(kTypes) ? kOther : *found;
}

std::string HtmlLabelOf(std::string_view type) {
  const HtmlType& known = HtmlTypeOf(type);
  if (!known.name.empty()) return std::string(known.label);
  std::string label = HtmlLine(type);
  std::replace(label.begin(), label.end(), '_', ' ');
  return label;
}

std::string HtmlRelationLabelOf(std::string_view type) {
  if (type == "modify") return "修飾";
  if (type == "evidence") return "根拠";
  return HtmlLabelOf(type);
}

const HtmlCertainty& HtmlCertaintyOf(CertaintyClass value) {
  return kCertainties[static_cast<std::size_t>(value)];
}

}  // namespace radie
