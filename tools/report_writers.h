// The output formats of `radie extract`, one report after the other.
#pragma once

#include <memory>
#include <string>

#include "radie/fhir.h"
#include "radie/report.h"
#include "radie/writer.h"
#include "tools/extract_item.h"

namespace radie::tools {

enum class OutputFormat { kByTerminal, kTable, kJsonLines, kHtml, kBrat, kConll, kFhir };

// Appends what belongs on standard output to `out`, always whole lines. Begin() comes first and
// End() last; between them every report is one Result() or one Failure().
class ReportWriter {
 public:
  virtual ~ReportWriter() = default;

  virtual void Begin(std::string& out) { (void)out; }

  // Throws the report's Error when the format cannot hold it; then nothing was appended.
  virtual void Result(const ExtractItem& item, const StructuredReport& report,
                      std::string& out) = 0;

  virtual void Failure(const ExtractItem& item, const Error& error, std::string& out) = 0;

  virtual void End(std::string& out) { (void)out; }
};

struct WriterSettings {
  OutputFormat format = OutputFormat::kJsonLines;  // not kByTerminal
  JsonOptions json;
  TableOptions table;
  OffsetUnit unit = OffsetUnit::kCodePoint;
  FhirOptions fhir;
  bool complain = true;  // on standard error of what the format has no place for
};

// A writer of all reports into one stream.
std::unique_ptr<ReportWriter> MakeStreamWriter(const WriterSettings& settings);

// What people call a report: its id, or the line it stands on.
std::string NameOf(const ExtractItem& item);

// For formats that have no place for them: a report's error and its warnings on standard error.
void ComplainOf(const ExtractItem& item, const Error& error);
void ComplainOfWarnings(const ExtractItem& item, const StructuredReport& report);

}  // namespace radie::tools
