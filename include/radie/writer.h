// Structured reports as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "radie/error.h"
#include "radie/export.h"
#include "radie/report.h"

namespace radie {

struct JsonOptions {
  OffsetUnit unit = OffsetUnit::kCodePoint;
  bool include_text = false;  // add the report's text as "text"
};

// One record as docs/output.md describes it, on one line, without a line feed. Strings are UTF-8,
// not escaped beyond need. `id` is the record's "id"; `text` is written only with
// options.include_text. Ill-formed UTF-8 is written as U+FFFD. Throws Error(kInvalidArgument) when
// an index of the report points past its entities.
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

}  // namespace radie
