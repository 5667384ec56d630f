// Any steps over any text: the map leads back exactly.
#include <iterator>
#include <string>

#include "fuzz.h"
#include "libradie/text/normalization.h"
#include "tests/text/exact_map.h"

namespace radie::fuzz {
namespace {

using Kind = NormalizationStep::Kind;

NormalizationStep StepOf(std::uint8_t byte) {
  static constexpr const char* kPatterns[] = {"^所見", "[0-9]+", "。.*$", "\\s", "^", "(肺|肝)+?"};
  NormalizationStep step;
  step.kind = static_cast<Kind>(byte % 8);
  step.kana = (byte & 8) != 0, step.digits = (byte & 16) != 0, step.ascii = (byte & 32) != 0;
  if (step.kind == Kind::kCut || step.kind == Kind::kCutHeader || step.kind == Kind::kCutFooter) {
    step.pattern = kPatterns[byte / 8 % std::size(kPatterns)];
  }
  return step;
}

}  // namespace

RADIE_FUZZ_TARGET(normalization) {
  Input input(bytes);
  NormalizationSteps steps;
  for (std::size_t n = input.UpTo(4); n > 0; --n) steps.push_back(StepOf(input.Byte()));
  const std::string text = WellFormed(input.Rest(), 300);
  const Document document = Document::Decode(text);
  const Normalization normalization(steps);
  const NormalizedText once = normalization.Apply(document);
  ASSERT_NO_FATAL_FAILURE(ExpectExactMap(once, text));
  if (steps.empty()) {
    ASSERT_EQ(once.text, text);
  }

  // One after the other comes to the same text.
  std::string apart = text;
  for (const NormalizationStep& step : steps) {
    apart = Normalization({step}).Apply(Document::Decode(apart)).text;
  }
  ASSERT_EQ(once.text, apart);
}

}  // namespace radie::fuzz
