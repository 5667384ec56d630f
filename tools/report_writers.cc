#include "tools/report_writers.h"

#include <cstdint>

#include "tools/output.h"

namespace radie::tools {
namespace {

class JsonLinesWriter : public ReportWriter {
 public:
  explicit JsonLinesWriter(const JsonOptions& options) : options_(options) {}

  void Result(const ExtractItem& item, const StructuredReport& report, std::string& out) override {
    JsonOptions options = options_;
    if (item.source) options.source = &*item.source;
    out += ToJson(item.id.value_or(""), item.text, report, options);
    if (!item.json_member.empty()) {
      out.pop_back();  // the record's closing brace
      out.append(",").append(item.json_member).append("}");
    }
    out += '\n';
  }
  void Failure(const ExtractItem& item, const Error& error, std::string& out) override {
    out += item.id ? ErrorToJson(*item.id, error) : ErrorToJson(std::nullopt, error, item.line);
    out += '\n';
  }

 private:
  const JsonOptions options_;
};

class FhirWriter : public ReportWriter {
 public:
  FhirWriter(const FhirOptions& options, bool complain) : options_(options), complain_(complain) {}

  // A Bundle has no place for warnings.
  void Result(const ExtractItem& item, const StructuredReport& report, std::string& out) override {
    out += ToFhir(item.id.value_or(""), item.text, report, options_) + "\n";
    if (complain_) ComplainOfWarnings(item, report);
  }
  void Failure(const ExtractItem& item, const Error& error, std::string& out) override {
    out += ErrorToFhir(item.id, error, item.line) + "\n";
  }

 private:
  const FhirOptions options_;
  const bool complain_;
};

class TableWriter : public ReportWriter {
 public:
  explicit TableWriter(const TableOptions& options) : options_(options) {}

  void Result(const ExtractItem& item, const StructuredReport& report, std::string& out) override {
    if (tables_++ > 0) out += '\n';
    out += ToTable(item.id.value_or(""), report, options_);
  }
  // A table is for people: they look for trouble on standard error.
  void Failure(const ExtractItem& item, const Error& error, std::string&) override {
    ComplainOf(item, error);
  }

 private:
  const TableOptions options_;
  std::uint64_t tables_ = 0;
};

class HtmlWriter : public ReportWriter {
 public:
  void Begin(std::string& out) override { out += HtmlPageBegin("読影報告書の構造化"); }
  void Result(const ExtractItem& item, const StructuredReport& report, std::string& out) override {
    out += HtmlSection(sections_ + 1, item.id.value_or(""), item.text, report);
    ++sections_;
  }
  void Failure(const ExtractItem& item, const Error& error, std::string& out) override {
    out += HtmlErrorSection(++sections_, item.id, error, item.line);
  }
  void End(std::string& out) override { out += HtmlPageEnd(); }

 private:
  std::size_t sections_ = 0;
};

// brat and CoNLL have neither names nor errors: a comment line names each report.
class AnnotationWriter : public ReportWriter {
 public:
  AnnotationWriter(OutputFormat format, OffsetUnit unit) : format_(format), unit_(unit) {}

  void Result(const ExtractItem& item, const StructuredReport& report, std::string& out) override {
    const std::string body = format_ == OutputFormat::kBrat ? ToBrat(report) + "\n"
                                                            : ToConll(item.text, report, {unit_});
    ComplainOfWarnings(item, report);
    out += Header(item) + body;
  }
  void Failure(const ExtractItem& item, const Error& error, std::string& out) override {
    ComplainOf(item, error);
    out += Header(item) + "# error = " + std::string(ErrorCodeName(error.code())) + ": " +
           ToLineText(error.what()) + "\n\n";
  }

 private:
  static std::string Header(const ExtractItem& item) {
    return "# newdoc id = " + ToLineText(NameOf(item)) + "\n";
  }

  const OutputFormat format_;
  const OffsetUnit unit_;
};

}  // namespace

std::unique_ptr<ReportWriter> MakeStreamWriter(const WriterSettings& settings) {
  switch (settings.format) {
    case OutputFormat::kTable:
      return std::make_unique<TableWriter>(settings.table);
    case OutputFormat::kHtml:
      return std::make_unique<HtmlWriter>();
    case OutputFormat::kFhir:
      return std::make_unique<FhirWriter>(settings.fhir, settings.complain);
    case OutputFormat::kBrat:
    case OutputFormat::kConll:
      return std::make_unique<AnnotationWriter>(settings.format, settings.unit);
    case OutputFormat::kByTerminal:
    case OutputFormat::kJsonLines:
      break;
  }
  return std::make_unique<JsonLinesWriter>(settings.json);
}

std::string NameOf(const ExtractItem& item) {
  return item.id ? *item.id : "line " + std::to_string(item.line.value_or(0));
}

void ComplainOf(const ExtractItem& item, const Error& error) {
  Complain(NameOf(item) + ": " + error.what());
}

void ComplainOfWarnings(const ExtractItem& item, const StructuredReport& report) {
  for (const Warning& warning : report.warnings)
    Complain(NameOf(item) + ": " + warning.code + ": " + warning.message);
}

}  // namespace radie::tools
