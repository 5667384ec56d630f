// Structured reports as HL7 FHIR R4. docs/fhir.md maps every field.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "radie/error.h"
#include "radie/export.h"
#include "radie/report.h"

namespace radie {

struct FhirOptions {
  bool transaction = false;  // a Bundle to post (type transaction) instead of a collection

  // Whose report it is, as FHIR writes references ("Patient/123"). Empty: no resource names a
  // patient.
  std::string subject = {};

  // When radie read the report, a FHIR instant ("2026-01-31T12:00:00Z"). A Provenance must have it:
  // without it there is none, and the same report gives the same bytes.
  std::string recorded = {};

  // What read it: for the Device. Both may be empty.
  std::string model_name = {};
  std::string model_sha256 = {};  // of the model file
};

// One Bundle on one line, without a line feed: DiagnosticReport (JP Core, radiology), an
// Observation for the findings and, where a heading tells one, for the impression, one for each
// structured finding, a Device and, with `recorded`, a Provenance. Ids are made of `id` and the
// place in the report, so the same report has the same ones. Characters that FHIR forbids in
// strings (controls other than tab, LF and CR; U+FFFE, U+FFFF) become U+FFFD; so does ill-formed
// UTF-8. Throws Error(kInvalidArgument) when an index of the report points past its entities, or
// when `subject` or `recorded` is not of FHIR's form.
RADIE_API std::string ToFhir(std::string_view id, std::string_view text,
                             const StructuredReport& report, const FhirOptions& options = {});

// An OperationOutcome on one line, for a report that failed; arguments as of ErrorToJson.
RADIE_API std::string ErrorToFhir(std::optional<std::string_view> id, const Error& error,
                                  std::optional<std::size_t> line = std::nullopt);

// A length in a mention such as 12mm, ３．５×２cm or 長径15㎜大.
struct Quantity {
  std::string value;  // a decimal as it was written, in ASCII: "3.5"
  std::string unit;   // "mm" or "cm"; also the UCUM code
};

// The lengths of a mention, in order; none when it is anything but numbers joined by ×, a unit
// behind them, and words around that leave the length what it is (約, 最大径, 大, 程度): such a
// mention (10mm以下, 5〜10mm, 3cm³) stays text.
RADIE_API std::vector<Quantity> ParseLengths(std::string_view mention);

// SHA-256 in lower-case hexadecimal digits, for FhirOptions::model_sha256.
RADIE_API std::string Sha256Hex(std::string_view bytes);

}  // namespace radie
