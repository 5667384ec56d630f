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

void CheckComparison(const FuzzedReport& made, Input* input) {
  StructuredReport other = made.report;
  for (Entity& entity : other.entities) {
    if (input->UpTo(2) == 0) entity.type = NameOf(input);
  }
  while (!other.relations.empty() && input->Flag()) other.relations.pop_back();
  const Differences differences = FindDifferences(made.report, other);
  ComparedReport compared;
  compared.id = made.id, compared.text = made.text, compared.gold = &made.report;
  compared.predicted = {&other, &differences};
  const std::string page = HtmlComparisonBegin(made.id, made.id, {}, {}) +
                           HtmlComparisonSection(1, compared) + HtmlComparisonEnd();
  HtmlCheck(page).Run();
}

}  // namespace

RADIE_FUZZ_TARGET(write_html) {
  Input input(bytes);
  const std::string_view changes = input.Take(8);
  const FuzzedReport made = ReportOf(&input);
  const std::string page = ToHtml(made.id, made.text, made.report);
  ASSERT_EQ(WellFormed(page, page.size()), page);
  HtmlCheck(page).Run();
  const Error error(ErrorCode::kInvalidText, made.id, 3);
  HtmlCheck(HtmlPageBegin(made.id) + HtmlSection(1, made.id, made.text, made.report) +
            HtmlErrorSection(2, made.id, error, 4) + HtmlPageEnd())
      .Run();
  Input more(changes);
  CheckComparison(made, &more);
}

}  // namespace radie::fuzz
