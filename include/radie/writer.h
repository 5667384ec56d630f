// Structured reports as text.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "radie/charset.h"
#include "radie/error.h"
#include "radie/export.h"
#include "radie/report.h"

namespace radie {

struct JsonOptions {
  OffsetUnit unit = OffsetUnit::kCodePoint;
  bool include_text = false;  // add the report's text as "text"

  // What the report's text was decoded from, when offsets are to count its bytes: `unit` is then
  // not read, "offset_unit" is "source", and "encoding" names what the bytes are in. Not owned; its
  // utf8() must be the text that the report is about.
  const DecodedText* source = nullptr;
};

// One record as docs/output.md describes it, on one line, without a line feed. Strings are UTF-8,
// not escaped beyond need. `id` is the record's "id"; `text` is written only with
// options.include_text. Ill-formed UTF-8 is written as U+FFFD. Throws Error(kInvalidArgument) when
// an index of the report points past its entities, or a span lies outside options.source.
RADIE_API std::string ToJson(std::string_view id, std::string_view text,
                             const StructuredReport& report, const JsonOptions& options = {});

// {"id":…,"error":{"code","message","offset"?}}. A null id and a line number for a record whose id
// could not be read.
RADIE_API std::string ErrorToJson(std::optional<std::string_view> id, const Error& error,
                                  std::optional<std::size_t> line = std::nullopt);

struct TableOptions {
  std::size_t width = 100;  // columns, at least 40; East Asian wide characters count two
  bool color = false;       // ANSI colours by entity type
};

// Findings for people: one block an object with its attributes by type and its evidence, then the
// entities that belong to no finding. Control characters of the report never reach the terminal.
// Ends with a line feed. Throws as ToJson does.
RADIE_API std::string ToTable(std::string_view id, const StructuredReport& report,
                              const TableOptions& options = {});

// The report as brat's standoff annotations, the content of its .ann file: a T line an entity, an R
// line a relation, an A line a certainty, each ended by a line feed; nothing for a report without
// entities. Offsets are code points of the caller's text, which the .txt file must hold byte for
// byte. A mention with line breaks or tabs in it is written as the fragments between them
// (docs/output.md). Throws Error(kInvalidArgument) as ToJson does, and when an entity's text has
// another length than its span.
RADIE_API std::string ToBrat(const StructuredReport& report);

struct ConllOptions {
  OffsetUnit unit = OffsetUnit::kCodePoint;  // of the two columns of offsets
};

// The report in IOB2: "TOKEN\tSTART\tEND\tTAG\n" for every code point of `text`, an empty line
// behind every sentence (docs/output.md). The entities can be rebuilt exactly; relations are not in
// it. Throws Error(kInvalidArgument) when an entity lies outside the text, splits a code point,
// overlaps the one before it or comes out of order.
RADIE_API std::string ToConll(std::string_view text, const StructuredReport& report,
                              const ConllOptions& options = {});

// One line of text in the way these formats hold it, for a header that names the report: backslash,
// white space other than U+0020 and controls as escapes, ill-formed UTF-8 as U+FFFD.
RADIE_API std::string ToLineText(std::string_view text);

// A page for people: the text with its mentions marked, numbered links from attributes to objects,
// and the findings as a table. It is one document that needs neither network nor script; its own
// content security policy forbids both. All text is escaped. Written in pieces so that any number
// of reports can be streamed: HtmlPageBegin, then sections, then HtmlPageEnd.
RADIE_API std::string HtmlPageBegin(std::string_view title);
RADIE_API std::string HtmlPageEnd();

// One report of a page. `number` makes the section's anchors unique: count from 1. Throws as ToJson
// and ToConll do.
RADIE_API std::string HtmlSection(std::size_t number, std::string_view id, std::string_view text,
                                  const StructuredReport& report);

// A report that failed, in its place on the page; arguments as of ErrorToJson.
RADIE_API std::string HtmlErrorSection(std::size_t number, std::optional<std::string_view> id,
                                       const Error& error,
                                       std::optional<std::size_t> line = std::nullopt);

// A report and what names it. Nothing is owned: all must live until the call returns.
struct NamedReport {
  std::string_view id;
  std::string_view text;
  const StructuredReport* report = nullptr;  // not null
};

// A whole page with these reports, in their order; titled with the id when there is one report.
// Throws as HtmlSection does.
RADIE_API std::string ToHtml(std::span<const NamedReport> reports);
RADIE_API std::string ToHtml(std::string_view id, std::string_view text,
                             const StructuredReport& report);

}  // namespace radie
