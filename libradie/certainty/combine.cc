#include "libradie/certainty/combine.h"

#include <algorithm>

namespace radie::internal {
namespace {

bool IsHedge(CertaintyClass value) {
  return value == CertaintyClass::kLikely || value == CertaintyClass::kMayRepresent;
}

bool IsDenial(const Descriptor& descriptor) { return descriptor.value == CertaintyClass::kDenial; }

void DropWhatGivesWay(std::vector<Descriptor>& descriptors) {
  bool behind = false, denied_behind = false;
  for (const Descriptor& descriptor : descriptors) {
    behind = behind || !descriptor.before_object;
    denied_behind = denied_behind ||
                    (!descriptor.before_object && descriptor.value <= CertaintyClass::kUnlikely);
  }
  if (!behind) return;
  std::erase_if(descriptors, [&](const Descriptor& d) {
    return d.before_object && (denied_behind || d.value == CertaintyClass::kDefinite);
  });
}

}  // namespace

Combined Combine(std::vector<Descriptor> descriptors) {
  DropWhatGivesWay(descriptors);
  const bool hedged_denial = descriptors.size() > 1 && IsDenial(descriptors.front()) &&
                             std::all_of(descriptors.begin() + 1, descriptors.end(),
                                         [](const Descriptor& d) { return IsHedge(d.value); });
  Combined combined;
  if (hedged_denial) {
    combined.value = CertaintyClass::kUnlikely;
  } else {
    if (!std::all_of(descriptors.begin(), descriptors.end(), IsDenial)) {
      std::erase_if(descriptors, IsDenial);
    }
    combined.value =
        std::min_element(descriptors.begin(), descriptors.end(), [](const auto& a, const auto& b) {
          return a.value < b.value;
        })->value;
    std::erase_if(descriptors, [&](const Descriptor& d) { return d.value != combined.value; });
  }
  for (const Descriptor& descriptor : descriptors) combined.sources.push_back(descriptor.entity);
  return combined;
}

}  // namespace radie::internal
