#include "radie/certainty.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "libradie/base/float_environment.h"
#include "libradie/base/report_check.h"
#include "libradie/certainty/combine.h"
#include "libradie/certainty/descriptor_list.h"
#include "libradie/terms/folded_text.h"

namespace radie {
namespace {

using internal::Descriptor;

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

template <std::size_t kSize>
bool EndsInOneOf(std::string_view text, const std::array<std::string_view, kSize>& ends) {
  return std::any_of(ends.begin(), ends.end(),
                     [&](std::string_view end) { return text.ends_with(end); });
}

template <std::size_t kSize>
bool IsOneOf(std::string_view text, const std::array<std::string_view, kSize>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// 疑う, 示唆する, 疑うような: forms that qualify the noun that follows. 疑います ends a sentence.
bool Qualifies(std::string_view folded) {
  constexpr std::array<std::string_view, 7> kEnds = {"う",     "る",   "む",  "す",
                                                     "ような", "様な", "べき"};
  return EndsInOneOf(folded, kEnds) && !folded.ends_with("ます");
}

class CertaintyWriter {
 public:
  CertaintyWriter(std::string_view text, const StructuredReport& report)
      : text_(text), report_(report), folded_(report.entities.size()) {
    for (const Relation& relation : report.relations) {
      for (const auto& pair :
           {std::pair(relation.head, relation.tail), std::pair(relation.tail, relation.head)}) {
        double& best = relations_[pair];
        best = std::max(best, relation.confidence);
      }
    }
    for (std::size_t f = 0; f < report.findings.size(); ++f)
      finding_of_[report.findings[f].object] = f;
  }

  // Findings from the last to the first: a finding may take over the class of an object that
  // stands behind it.
  std::vector<Certainty> Run() {
    std::vector<Certainty> certainties(report_.findings.size());
    for (std::size_t f = report_.findings.size(); f-- > 0;) certainties[f] = Own(f);
    for (std::size_t f = report_.findings.size(); f-- > 0;) TakeOver(f, certainties);
    return certainties;
  }

  std::size_t unknown() const { return unknown_.size(); }

 private:
  const Entity& entity(std::size_t index) const { return report_.entities[index]; }

  const std::string& Folded(std::size_t index) {
    if (folded_[index].empty()) folded_[index] = internal::Fold(entity(index).text).text;
    return folded_[index];
  }

  CertaintyClass ClassOf(std::size_t descriptor) {
    const auto value = internal::DescriptorList::BuiltIn().Find(Folded(descriptor));
    if (!value) unknown_.insert(descriptor);
    return value.value_or(CertaintyClass::kDefinite);
  }

  // The descriptor and its link to the object. Findings may come without relations: 1.
  double ConfidenceOf(std::size_t descriptor, std::size_t object) const {
    const auto relation = relations_.find({descriptor, object});
    return entity(descriptor).confidence * (relation == relations_.end() ? 1.0 : relation->second);
  }

  Certainty Own(std::size_t f) {
    const Finding& finding = report_.findings[f];
    Certainty certainty;
    certainty.confidence = entity(finding.object).confidence;
    std::vector<Descriptor> descriptors;
    for (std::size_t attribute : finding.attributes) {
      if (entity(attribute).type != kCertaintyType) continue;
      descriptors.push_back(
          {attribute, ClassOf(attribute),
           entity(attribute).span.utf8.begin < entity(finding.object).span.utf8.begin});
    }
    if (descriptors.empty()) return certainty;
    internal::Combined combined = internal::Combine(std::move(descriptors));
    certainty.value = combined.value;
    certainty.sources = std::move(combined.sources);
    for (std::size_t source : certainty.sources)
      certainty.confidence *= ConfidenceOf(source, finding.object);
    return certainty;
  }

  // 転移を疑う病変は認めません: what is suspected of something that is not there is not there.
  void TakeOver(std::size_t f, std::vector<Certainty>& certainties) {
    Certainty& own = certainties[f];
    if (own.sources.empty() || own.value <= CertaintyClass::kUnlikely) return;
    const std::size_t descriptor = own.sources.back();
    if (entity(descriptor).span.utf8.begin < entity(report_.findings[f].object).span.utf8.begin)
      return;
    const std::size_t other = QualifiedBy(descriptor);
    if (other == kNone || other == f || certainties[other].value > CertaintyClass::kUnlikely)
      return;
    own.value = certainties[other].value;
    own.confidence *= certainties[other].confidence;
    own.sources.insert(own.sources.end(), certainties[other].sources.begin(),
                       certainties[other].sources.end());
    std::sort(own.sources.begin(), own.sources.end());
    own.sources.erase(std::unique(own.sources.begin(), own.sources.end()), own.sources.end());
  }

  // The finding of the object that a descriptor directly in front of it qualifies, with nothing
  // but the object's own attributes between; kNone when it qualifies none.
  std::size_t QualifiedBy(std::size_t descriptor) {
    constexpr std::array<std::string_view, 4> kAfterDescriptor = {"", "ような", "様な", "べき"};
    constexpr std::array<std::string_view, 6> kBetween = {"", "の", "な", "や", "、", "・"};
    std::vector<std::size_t> between;
    for (std::size_t next = descriptor + 1; next < report_.entities.size(); ++next) {
      const std::string gap = Gap(next - 1, next);
      if (next == descriptor + 1) {
        if (!IsOneOf(gap, kAfterDescriptor) || (gap.empty() && !Qualifies(Folded(descriptor))))
          return kNone;
      } else if (!IsOneOf(gap, kBetween)) {
        return kNone;
      }
      const auto found = finding_of_.find(next);
      if (found == finding_of_.end()) {
        between.push_back(next);
        continue;
      }
      const std::vector<std::size_t>& attributes = report_.findings[found->second].attributes;
      const bool own = std::all_of(between.begin(), between.end(), [&](std::size_t index) {
        return std::find(attributes.begin(), attributes.end(), index) != attributes.end();
      });
      return own ? found->second : kNone;
    }
    return kNone;
  }

  // The folded text between two entities; they are in order of position, or there is none.
  std::string Gap(std::size_t first, std::size_t second) const {
    const std::size_t begin = entity(first).span.utf8.end, end = entity(second).span.utf8.begin;
    return begin < end ? internal::Fold(text_.substr(begin, end - begin)).text : "";
  }

  const std::string_view text_;
  const StructuredReport& report_;
  std::vector<std::string> folded_;  // by entity, filled when needed
  std::map<std::pair<std::size_t, std::size_t>, double> relations_;  // both ways: confidence
  std::map<std::size_t, std::size_t> finding_of_;                    // by object
  std::set<std::size_t> unknown_;
};

}  // namespace

std::optional<CertaintyClass> ClassifyDescriptor(std::string_view descriptor) {
  return internal::DescriptorList::BuiltIn().Find(internal::Fold(descriptor).text);
}

void AttachCertainty(std::string_view text, StructuredReport& report) {
  const FloatEnvironment environment;
  CheckIndices(report);
  CheckPlaces(text, report);
  CertaintyWriter writer(text, report);
  std::vector<Certainty> certainties = writer.Run();
  for (std::size_t f = 0; f < certainties.size(); ++f)
    report.findings[f].certainty = std::move(certainties[f]);
  if (writer.unknown() == 0) return;
  report.warnings.push_back(
      {"certainty_unknown",
       std::to_string(writer.unknown()) +
           (writer.unknown() == 1 ? " certainty descriptor is" : " certainty descriptors are") +
           " of no known class; objects were taken as definite in this respect"});
}

}  // namespace radie
