// Any bytes as CoNLL: refused without telling what stands in them, or reports that can be written
// and read again.
#include <string>

#include "fuzz.h"
#include "radie/writer.h"
#include "report_checks.h"
#include "scratch_file.h"
#include "tools/annotation_document.h"
#include "tools/conll_reader.h"
#include "tools/exit_codes.h"

namespace radie::fuzz {
namespace {

const ScratchFolder& ConllFolder() {
  static const ScratchFolder folder;
  return folder;
}

void CheckAgain(const StructuredReport& report, const std::string& text) {
  const std::string path = ConllFolder().Write("b.conll", ToConll(text, report));
  tools::ReadNotes notes;
  tools::ConllReader reader(path, {false, "again"}, notes);
  tools::SourceDocument document;
  if (!reader.Next(document)) {
    ASSERT_TRUE(report.entities.empty());
    return;
  }
  ExpectSameEntities(report, tools::AnnotatedReport(document, text, notes));
  ASSERT_FALSE(reader.Next(document));
}

}  // namespace

RADIE_FUZZ_TARGET(conll) {
  Input input(bytes);
  const bool repair = input.Flag();
  const std::string path = ConllFolder().Write("a.conll", input.Rest());
  tools::ReadNotes notes;
  try {
    tools::ConllReader reader(path, {repair, "first"}, notes);
    tools::SourceDocument document;
    while (reader.Next(document)) {
      ASSERT_TRUE(document.tokens);
      const std::string text = tools::TextOf(document).value();
      const StructuredReport report = tools::AnnotatedReport(document, text, notes);
      ExpectSound(report, text);
      CheckAgain(report, text);
    }
  } catch (const tools::ExitError& error) {
    ASSERT_EQ(error.code(), tools::kExitSomeFailed);
    ExpectNoSecret(error.what());
  }
}

}  // namespace radie::fuzz
