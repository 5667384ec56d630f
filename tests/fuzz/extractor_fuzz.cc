// Any bytes as a report: refused for what is no UTF-8, or a sound report, the same one whatever the
// options that never change a result.
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "fuzz.h"
#include "radie/extractor.h"
#include "radie/writer.h"
#include "report_checks.h"
#include "tiny_model.h"

namespace radie::fuzz {
namespace {

struct Extractors {
  explicit Extractors(const std::string& bytes)
      : model(Model::LoadFromMemory(bytes.data(), bytes.size())) {}

  std::shared_ptr<const Model> model;
  Extractor plain{model, {.max_report_bytes = 2048, .threads = 1}};
  Extractor cached{model,
                   {.max_report_bytes = 2048,
                    .threads = 1,
                    .max_batch_tokens = 7,
                    .cache_bytes = std::size_t{1} << 16}};
  Extractor sure{model, {.max_report_bytes = 2048, .min_confidence = 0.5, .threads = 1}};
  Extractor narrow{model,
                   {.max_report_bytes = 2048, .max_entities = 4, .max_pairs = 6, .threads = 1}};
};

// Of one of stage 2's layouts.
const Extractors& ExtractorsOf(unsigned layout) {
  static const Extractors extractors[] = {
      Extractors(TinyModelBytes()), Extractors(TinyModelWithLayout("tail")),
      Extractors(TinyModelWithLayout("shared")), Extractors(TinyModelWithLayout("levitated"))};
  return extractors[layout % std::size(extractors)];
}

std::string JsonOf(const Outcome& outcome, std::string_view text) {
  return outcome.ok() ? ToJson("id", text, outcome.report()) : ErrorToJson("id", outcome.error());
}

// Stage 2 alone, on what stage 1 found, is what both find together.
void CheckStages(const Extractors& all, const StructuredReport& report, std::string_view text) {
  std::vector<EntityMention> mentions;
  for (const Entity& entity : report.entities) {
    mentions.push_back({entity.type, entity.span.code_points});
  }
  const StructuredReport related = all.plain.Relate(text, mentions);
  ASSERT_NO_FATAL_FAILURE(ExpectSameEntities(report, related));
  ASSERT_EQ(related.relations.size(), report.relations.size());
  for (std::size_t i = 0; i < related.relations.size(); ++i) {
    ASSERT_EQ(related.relations[i].type, report.relations[i].type);
    ASSERT_EQ(related.relations[i].confidence, report.relations[i].confidence);
  }
}

}  // namespace

// Reports separated by 0xFF, a byte that no UTF-8 has; one setting before them.
RADIE_FUZZ_TARGET(extractor) {
  Input input(bytes);
  const std::uint8_t settings = input.Byte();
  const Extractors& all = ExtractorsOf(settings >> 4);
  std::string_view rest = input.Rest();
  std::vector<std::string_view> texts;
  while (texts.size() < 4) {
    const std::size_t cut = rest.find('\xFF');
    texts.push_back(rest.substr(0, cut));
    if (cut == rest.npos) break;
    rest.remove_prefix(cut + 1);
  }
  const std::vector<Outcome> outcomes = all.plain.ExtractBatch(texts);
  ASSERT_EQ(outcomes.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (!outcomes[i].ok()) {
      const ErrorCode code = outcomes[i].error().code();
      ASSERT_TRUE(code == ErrorCode::kInvalidText || code == ErrorCode::kLimitExceeded);
      ExpectNoSecret(outcomes[i].error().what());
      continue;
    }
    ExpectSound(outcomes[i].report(), texts[i]);
    for (const Warning& warning : outcomes[i].report().warnings) ExpectNoSecret(warning.message);
  }
  if ((settings & 1) != 0) {
    const std::vector<Outcome> again = all.cached.ExtractBatch(texts);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      ASSERT_EQ(JsonOf(outcomes[i], texts[i]), JsonOf(again[i], texts[i]));
    }
  }
  if ((settings & 2) != 0 && outcomes[0].ok()) CheckStages(all, outcomes[0].report(), texts[0]);
  if ((settings & 4) != 0) {
    for (const Outcome& outcome : all.sure.ExtractBatch(texts)) {
      if (!outcome.ok()) continue;
      for (const Entity& entity : outcome.report().entities) {
        ASSERT_GE(entity.confidence, 0.5);
      }
    }
  }
  if ((settings & 8) != 0) {
    for (const Outcome& outcome : all.narrow.ExtractBatch(texts)) {
      if (outcome.ok()) {
        ASSERT_LE(outcome.report().entities.size(), 4U);
      }
    }
  }
}

}  // namespace radie::fuzz
