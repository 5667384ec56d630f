// Any annotations over any text: refused without telling what stands in them, or a report that can
// be written and read again.
#include <string>
#include <vector>

#include "fuzz.h"
#include "radie/writer.h"
#include "report_checks.h"
#include "scratch_file.h"
#include "tools/annotation_document.h"
#include "tools/brat_reader.h"
#include "tools/exit_codes.h"

namespace radie::fuzz {
namespace {

const ScratchFolder& Folder() {
  static const ScratchFolder folder;
  return folder;
}

// The first document over `text`, or what refused it.
StructuredReport Read(const std::string& path, const std::string& text) {
  tools::ReadNotes notes;
  const std::vector<tools::SourceDocument> documents = tools::ReadBrat(path, "id", notes);
  EXPECT_FALSE(documents.empty());
  for (std::size_t i = 1; i < documents.size(); ++i) {
    ExpectSound(tools::AnnotatedReport(documents[i], text, notes), text);
  }
  return tools::AnnotatedReport(documents.front(), text, notes);
}

}  // namespace

// The text up to the first NUL, then the annotations.
RADIE_FUZZ_TARGET(brat) {
  const std::size_t cut = std::min(bytes.find('\0'), bytes.size());
  const std::string text = WellFormed(bytes.substr(0, cut), 2048);
  Folder().Write("a.txt", text);
  const std::string path = Folder().Write("a.ann", bytes.substr(std::min(cut + 1, bytes.size())));
  StructuredReport report;
  try {
    report = Read(path, text);
  } catch (const tools::ExitError& error) {
    ASSERT_EQ(error.code(), tools::kExitSomeFailed);
    ExpectNoSecret(error.what());
    return;
  }
  ExpectSound(report, text);
  const StructuredReport again = Read(Folder().Write("a.ann", ToBrat(report)), text);
  ExpectSameEntities(report, again);
  ASSERT_EQ(report.relations.size(), again.relations.size());
  for (std::size_t i = 0; i < report.relations.size(); ++i) {
    ASSERT_EQ(report.relations[i].type, again.relations[i].type);
    ASSERT_EQ(report.relations[i].head, again.relations[i].head);
    ASSERT_EQ(report.relations[i].tail, again.relations[i].tail);
  }
}

}  // namespace radie::fuzz
