// A small report made by hand, with offsets that differ in every unit.
#pragma once

#include <string>

#include "radie/report.h"

namespace radie {

// "𠮷村 右肺に結節を認める": 𠮷 is four bytes, one code point, two UTF-16 units.
inline const std::string kSampleText = "𠮷村 右肺に結節を認める";

inline Entity MakeEntity(const std::string& type, const std::string& text, std::size_t code_point,
                         std::size_t code_points, double confidence) {
  const std::size_t byte = code_point < 3 ? 0 : 8 + (code_point - 3) * 3;
  return {type,
          {{byte, byte + code_points * 3},
           {code_point, code_point + code_points},
           {code_point + 1, code_point + 1 + code_points}},
          text,
          confidence};
}

inline StructuredReport SampleReport() {
  StructuredReport report;
  report.entities = {MakeEntity("Anatomical_entity", "右肺", 3, 2, 0.99995),
                     MakeEntity("Imaging_observation", "結節", 6, 2, 0.87654),
                     MakeEntity("Certainty_descriptor", "認める", 9, 3, 0.5)};
  report.relations = {{"modify", 0, 1, 0.25}, {"modify", 2, 1, 1.0}};
  Finding& nodule = report.findings.emplace_back();
  nodule.object = 1;
  nodule.attributes = {0, 2};
  return report;
}

// The same with codes: the mention of entities[1] is two terms' words, that of entities[0] contains
// one.
inline StructuredReport CodedReport() {
  StructuredReport report = SampleReport();
  report.entities[0].codes = {{"E-3", "Lung", "", "肺", false}};
  report.entities[1].codes = {{"E-1", "Nodule", "EXAMPLE", "結節", true},
                              {"E<2", "No\"dule", "EXAMPLE", "結 節", true}};
  return report;
}

}  // namespace radie
