#include "libradie/text/normalization.h"

#include <limits>
#include <string>
#include <utility>

#include "libradie/base/utf8.h"
#include "libradie/text/characters.h"
#include "libradie/text/full_width.h"
#include "libradie/text/neologdn.h"

namespace radie {
namespace {

using StepKind = NormalizationStep::Kind;

// The field that holds the pattern of a step; nullptr in a step without one.
const char* PatternKey(StepKind kind) {
  if (kind == StepKind::kCut) return "cut";
  if (kind == StepKind::kCutHeader) return "cut_header";
  return kind == StepKind::kCutFooter ? "cut_footer" : nullptr;
}

// The text of `characters`, which came from ranges of `source` that do not overlap: a piece each.
NormalizedText Written(const Characters& characters, std::string_view source) {
  NormalizedText result;
  result.text.reserve(source.size());
  for (const Character& character : characters) {
    const std::size_t begin = result.text.size();
    AppendUtf8(character.code_point, &result.text);
    const SourceRange range{character.range.begin, character.range.end};
    const TextRange text{begin, result.text.size()};
    const bool one_for_one =
        Utf8Length(source[range.begin]) == range.size() && range.size() == text.size();
    if (one_for_one) {
      result.map.AppendCopied(range, text);
    } else {
      result.map.Append(range, text);
    }
  }
  return result;
}

// LF, CR and CR LF become 。.
Characters StopsForNewlines(const Characters& text) {
  Characters out;
  out.reserve(text.size());
  for (auto at = text.begin(); at != text.end(); ++at) {
    out.push_back(*at);
    if (at->code_point != '\n' && at->code_point != '\r') continue;
    const bool pair = at->code_point == '\r' && at + 1 != text.end() && at[1].code_point == '\n';
    if (pair) ++at;
    out.back() = {U'。', {out.back().range.begin, at->range.end}};
  }
  return out;
}

// The text without the ranges, which are in order and do not overlap.
NormalizedText Without(const std::vector<TextRange>& ranges, std::string_view text) {
  NormalizedText result;
  std::size_t done = 0;
  const auto copy = [&](std::size_t end) {
    if (end <= done) return;
    const std::size_t begin = result.text.size();
    result.text.append(text, done, end - done);
    result.map.AppendCopied({done, end}, {begin, result.text.size()});
  };
  for (const TextRange& range : ranges) {
    copy(range.begin);
    done = range.end;
  }
  copy(text.size());
  return result;
}

NormalizedText CutText(StepKind kind, const CutPattern& pattern, std::string_view text) {
  if (kind == StepKind::kCut) {
    return Without(pattern.Find(text, std::numeric_limits<std::size_t>::max()), text);
  }
  std::vector<TextRange> found = pattern.Find(text, 1);
  for (TextRange& range : found) {
    range = kind == StepKind::kCutHeader ? TextRange{0, range.end}
                                         : TextRange{range.begin, text.size()};
  }
  return Without(found, text);
}

}  // namespace

Normalization::Normalization(const NormalizationSteps& steps) {
  for (const NormalizationStep& settings : steps) {
    Step step{settings, nullptr};
    if (const char* key = PatternKey(settings.kind); key != nullptr) {
      step.pattern = std::make_shared<const CutPattern>(
          settings.pattern,
          "text.normalization[" + std::to_string(steps_.size()) + "]." + std::string(key));
    }
    steps_.push_back(std::move(step));
  }
}

NormalizedText Normalization::ApplyStep(const Step& step, std::string_view text) {
  const auto characters = [&] { return ReadCharacters(text, {0, text.size()}); };
  const NormalizationStep& settings = step.settings;
  switch (settings.kind) {
    case StepKind::kNfkc:
      return Normalize(text, NormalizationProfile::kNfkc);
    case StepKind::kRadiologyJa:
      return Normalize(text, NormalizationProfile::kRadiologyJa);
    case StepKind::kNeologdn:
      return Written(NeologdnCharacters(characters()), text);
    case StepKind::kH2z:
      return Written(
          FullWidthCharacters(characters(), {settings.kana, settings.digits, settings.ascii}),
          text);
    case StepKind::kNewlineToStop:
      return Written(StopsForNewlines(characters()), text);
    case StepKind::kCut:
    case StepKind::kCutHeader:
    case StepKind::kCutFooter:
      return CutText(settings.kind, *step.pattern, text);
  }
  return Normalize(text, NormalizationProfile::kNone);
}

NormalizedText Normalization::Apply(const Document& document) const {
  if (steps_.empty()) return Normalize(document, NormalizationProfile::kNone);
  NormalizedText result = ApplyStep(steps_.front(), document.text());
  for (std::size_t i = 1; i < steps_.size(); ++i) {
    NormalizedText next = ApplyStep(steps_[i], result.text);
    next.map = result.map.Then(next.map);
    result = std::move(next);
  }
  return result;
}

}  // namespace radie
