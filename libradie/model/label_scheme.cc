#include "libradie/model/label_scheme.h"

namespace radie {

std::string_view LabelPrefixes(LabelScheme scheme) {
  switch (scheme) {
    case LabelScheme::kIo:
      return "I";
    case LabelScheme::kBioes:
      return "BIES";
    case LabelScheme::kIob1:
    case LabelScheme::kIob2:
      break;
  }
  return "BI";
}

bool IsOutsideLabel(std::string_view label) {
  return label == "O" || (label.size() > 2 && label.front() == '[' && label.back() == ']');
}

bool IsTypedLabel(std::string_view label, LabelScheme scheme) {
  return label.size() > 2 && label[1] == '-' &&
         LabelPrefixes(scheme).find(label.front()) != std::string_view::npos;
}

}  // namespace radie
