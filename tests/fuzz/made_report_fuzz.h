// Reports out of bytes, as a caller's own code may make them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "fuzz.h"
#include "tests/write/made_report.h"

namespace radie::fuzz {

struct FuzzedReport {
  std::string id, text;
  StructuredReport report;
};

inline std::string NameOf(Input* input) {
  static constexpr const char* kNames[] = {"Imaging_observation",
                                           "Anatomical_entity",
                                           "Certainty_descriptor",
                                           "Clinical_finding",
                                           "modify",
                                           "evidence",
                                           "x",
                                           "B-x"};
  const std::uint8_t which = input->Byte();
  if (which < 200) return kNames[which % std::size(kNames)];
  return "?" + std::string(input->Take(12));
}

inline std::vector<std::size_t> Indices(Input* input, std::size_t count) {
  std::vector<std::size_t> indices;
  for (std::size_t n = input->UpTo(3); n > 0; --n) indices.push_back(input->UpTo(count - 1));
  return indices;
}

// Entities are in order and do not overlap; every index points at one. Types, codes and warnings
// may be any bytes; the text is UTF-8.
inline FuzzedReport ReportOf(Input* input) {
  FuzzedReport made;
  made.id = input->Take(20);
  std::vector<std::size_t> steps;
  for (std::size_t n = input->UpTo(6); n > 0; --n) {
    steps.push_back(input->UpTo(9));
    steps.push_back(1 + input->UpTo(9));
  }
  StructuredReport& report = made.report;
  for (std::size_t i = 0; i < steps.size() / 2; ++i) {
    Entity entity;
    entity.type = NameOf(input);
    entity.confidence = input->Byte() / 255.0;
    for (std::size_t n = input->UpTo(2); n > 0; --n) {
      entity.codes.push_back({std::string(input->Take(8)), std::string(input->Take(8)),
                              std::string(input->Take(8)), std::string(input->Take(8)),
                              input->Flag()});
    }
    report.entities.push_back(std::move(entity));
  }
  const std::size_t count = report.entities.size();
  for (std::size_t n = count > 0 ? input->UpTo(4) : 0; n > 0; --n) {
    report.relations.push_back(
        {NameOf(input), input->UpTo(count - 1), input->UpTo(count - 1), input->Byte() / 255.0});
  }
  for (std::size_t n = count > 0 ? input->UpTo(3) : 0; n > 0; --n) {
    Finding finding{input->UpTo(count - 1), Indices(input, count), Indices(input, count)};
    if (input->Flag()) {
      finding.certainty = Certainty{static_cast<CertaintyClass>(input->UpTo(4)),
                                    input->Byte() / 255.0, Indices(input, count)};
    }
    report.findings.push_back(std::move(finding));
  }
  if (input->Flag()) {
    report.warnings.push_back({std::string(input->Take(8)), std::string(input->Take(8))});
  }

  // The entities' places in what is left as the text; those past its end are on characters of its
  // own.
  made.text = WellFormed(input->Rest(), 600);
  std::size_t at = 0;
  const auto characters = [&] {
    return static_cast<std::size_t>(std::count_if(made.text.begin(), made.text.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
  };
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t begin = at + steps[2 * i], end = begin + steps[2 * i + 1];
    for (std::size_t have = characters(); have < end; ++have) made.text += "x";
    Entity& entity = report.entities[i];
    entity.span = SpanOf(made.text, begin, end);
    entity.text =
        made.text.substr(entity.span.utf8.begin, entity.span.utf8.end - entity.span.utf8.begin);
    at = end;
  }
  return made;
}

// As writers have it: four decimals.
inline double Written(double confidence) {
  return static_cast<double>(std::lround(confidence * 10000)) / 10000;
}

inline std::string ClassOf(CertaintyClass certainty) {
  static constexpr const char* kClasses[] = {"denial", "unlikely", "may_represent", "likely",
                                             "definite"};
  return kClasses[static_cast<int>(certainty)];
}

// Every stretch of broken UTF-8 as one U+FFFD: writers do not say how many it becomes.
inline std::string Repaired(const std::string& bytes) {
  static const std::string kReplacement = "\xEF\xBF\xBD";
  std::string text = WellFormed(bytes, bytes.size());
  const std::string twice = kReplacement + kReplacement;
  for (std::size_t at = 0; (at = text.find(twice, at)) != text.npos;) text.erase(at, 3);
  return text;
}

}  // namespace radie::fuzz
