// Strings and names as FHIR has them.
#pragma once

#include <string>
#include <string_view>

namespace radie {

// Valid UTF-8 without the controls that FHIR's string forbids; what is replaced becomes U+FFFD. One
// code point in gives one out, so places in the text stay.
std::string FhirString(std::string_view text);

// The same for the inside of an XHTML element.
std::string FhirXhtml(std::string_view text);

// A name for part `part` of the record `id`: "urn:uuid:…", a UUID of version 8 made of their
// SHA-256.
std::string FhirUrn(std::string_view id, std::string_view part);

// The report's text cut at its headings.
struct FhirSections {
  std::string findings;
  std::string impression;  // empty where no heading tells one
};

// A heading is a line that is nothing but a title in 【】, [] or ［］, or begins with one; 診断,
// 結論, 印象, まとめ, impression, conclusion begin the impression, any other one the findings. All
// text is in one of the two, headings included.
FhirSections SplitSections(std::string_view text);

}  // namespace radie
