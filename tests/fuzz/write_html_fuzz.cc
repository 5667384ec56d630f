// Any report as a page, and any two beside each other: well-formed, and no text of theirs becomes
// markup.
#include <string>

#include "fuzz.h"
#include "html_check.h"
#include "made_report_fuzz.h"
#include "radie/comparison.h"
#include "radie/differences.h"
#include "radie/writer.h"

namespace radie::fuzz {
namespace {

void CheckComparison(const FuzzedReport& made, Input* input, bool whole_page) {
  StructuredReport other = made.report;
  for (Entity& entity : other.entities) {
    if (input->UpTo(2) == 0) entity.type = NameOf(input);
  }
  while (!other.relations.empty() && input->Flag()) other.relations.pop_back();
  const Differences differences = FindDifferences(made.report, other);
  ComparedReport compared;
  compared.id = made.id, compared.text = made.text, compared.gold = &made.report;
  compared.predicted = {&other, &differences};
  const std::string section = HtmlComparisonSection(1, compared);
  HtmlCheck(section, "list").Run();
  if (!whole_page) return;
  HtmlCheck(HtmlComparisonBegin(made.id, made.id, {}, {}) + section + HtmlComparisonEnd()).Run();
}

}  // namespace

RADIE_FUZZ_TARGET(write_html) {
  Input input(bytes);
  // Styles make pages long, and are always the same.
  const bool whole_page = input.Byte() % 32 == 0;
  const std::string_view changes = input.Take(8);
  const FuzzedReport made = ReportOf(&input);
  const Error error(ErrorCode::kInvalidText, made.id, 3);
  const std::string sections =
      HtmlSection(1, made.id, made.text, made.report) + HtmlErrorSection(2, made.id, error, 4);
  ASSERT_EQ(WellFormed(sections, sections.size()), sections);
  HtmlCheck(sections).Run();
  if (whole_page) {
    HtmlCheck(ToHtml(made.id, made.text, made.report)).Run();
    HtmlCheck(HtmlPageBegin(made.id) + sections + HtmlPageEnd()).Run();
  }
  Input more(changes);
  CheckComparison(made, &more, whole_page);
}

}  // namespace radie::fuzz
