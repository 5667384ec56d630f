// Strings and names as FHIR has them.
#pragma once

#include <string>
#include <string_view>

#include "libradie/base/sha256.h"

namespace radie {

// Valid UTF-8 without the controls that FHIR's string forbids, nor U+FFFE and U+FFFF, which XML
// forbids; what is replaced becomes U+FFFD. One code point in gives one out, so places in the text
// stay.
std::string FhirString(std::string_view text);

// The same for the inside of an XHTML element; LF, CR and CR LF are a <br/>.
std::string FhirXhtml(std::string_view text);

// Names for the parts of one record: "urn:uuid:…", a UUID of version 8 made of the SHA-256 of
// record and part. The id is read once, however many parts there are.
class FhirUrns {
 public:
  explicit FhirUrns(std::string_view id);

  std::string Of(std::string_view part) const;

 private:
  Sha256Hasher id_;
};

// The report's text cut at its headings.
struct FhirSections {
  std::string findings;
  std::string impression;  // empty where no heading tells one
};

// A heading is a line that begins, behind spaces, with a title in 【】, [] or ［］ that is not all
// digits and punctuation. The titles 診断, 画像診断, 結論, 結語, 印象, まとめ, impression and
// conclusion begin the impression, any other one the findings. Lines end with LF, CR or CR LF. All
// text is in one of the two, headings included.
FhirSections SplitSections(std::string_view text);

}  // namespace radie
