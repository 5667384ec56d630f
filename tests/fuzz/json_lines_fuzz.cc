// Any line as a record: refused without telling what stands in it, or values that agree with it.
#include <cmath>
#include <string>

#include "fuzz.h"
#include "libradie/text/document.h"
#include "tools/annotated_record.h"
#include "tools/report_items.h"

namespace radie::fuzz {
namespace {

void CheckRecord(std::string_view line, tools::RecordParts parts) {
  try {
    const tools::Record record = tools::ParseRecord(line, parts);
    if (record.text) {
      ASSERT_NO_THROW(Document::Decode(*record.text));
    }
    ASSERT_TRUE(parts.entities || !record.entities);
    ASSERT_TRUE(parts.relations || !record.relations);
    if (!record.entities) return;
    for (const tools::RecordEntity& entity : *record.entities) {
      const double confidence = entity.confidence.value_or(0.5);
      ASSERT_TRUE(confidence >= 0 && confidence <= 1);
    }
  } catch (const tools::RecordError& refused) {
    ASSERT_EQ(refused.error.code(), ErrorCode::kInvalidInput) << refused.error.what();
    ASSERT_LE(refused.error.offset().value_or(0), line.size());
    ExpectNoSecret(refused.error.what());
  }
}

}  // namespace

RADIE_FUZZ_TARGET(json_lines) {
  Input input(bytes);
  const std::uint8_t settings = input.Byte();
  const std::string_view line = input.Rest();
  CheckRecord(line, {(settings & 1) != 0, (settings & 2) != 0, (settings & 4) != 0});

  const auto unit = static_cast<OffsetUnit>(settings / 8 % 3);
  const tools::ExtractItem item = tools::ItemFromLine(line, 7, (settings & 1) != 0, unit);
  if (item.error) {
    ExpectNoSecret(item.error->what());
    return;
  }
  ASSERT_TRUE(item.id);
  ASSERT_NO_THROW(Document::Decode(item.text));
}

}  // namespace radie::fuzz
