// A decoded message as segments, fields and repetitions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "radie/charset.h"
#include "radie/hl7.h"

namespace radie {

// MSH-1 and MSH-2, which are one byte of ASCII each.
struct Hl7Delimiters {
  char field = '|', component = '^', repetition = '~', escape = '\\', subcomponent = '&';
};

// One segment in UTF-8. Views into the message.
struct Hl7Segment {
  std::string_view name;  // three characters
  std::vector<std::string_view>
      fields;  // fields[0] is the first one behind the name; MSH's is MSH-2

  // Field `number` as the standard counts (OBX-5 is 5; of MSH from 2 on); empty where there is
  // none.
  std::string_view Field(std::size_t number) const;
};

struct Hl7Parsed {
  std::string utf8;  // the whole message, segments ended by CR
  Encoding encoding = Encoding::kUtf8;
  Hl7Delimiters delimiters;
  std::vector<Hl7Segment> segments;  // MSH first; views into utf8
};

// Finds the delimiters and the character set, decodes, cuts. Throws Error (kInvalidInput,
// kInvalidText, kLimitExceeded) naming the field.
Hl7Parsed ParseHl7(std::string_view message, const Hl7Options& options);

// The parts of a field between delimiters; one empty part of an empty field.
std::vector<std::string_view> SplitHl7(std::string_view text, char delimiter);

struct Hl7Text {
  std::string text;
  std::size_t kept = 0;  // escapes that are none of the known ones, left as they stand
};

// A repetition of OBX-5 as plain text: escape sequences resolved. Throws Error(kInvalidInput) for a
// \X…\ whose bytes are no text of the encoding.
Hl7Text ResolveHl7Escapes(std::string_view field, const Hl7Delimiters& delimiters,
                          Encoding encoding);

}  // namespace radie
