// The codes of a mention for people.
#pragma once

#include <string>

#include "radie/report.h"

namespace radie {

// "E-1, E-2" where the mention is the term, "結節 E-1" where it contains the term 結節, nothing
// without codes. Not made safe to show: codes and terms are of a file.
inline std::string CodeText(const Entity& entity) {
  std::string text;
  for (const TermCode& code : entity.codes) {
    if (!text.empty()) text += ", ";
    if (!code.whole) text += code.term + " ";
    text += code.code;
  }
  return text;
}

}  // namespace radie
