// What the line formats of annotations (brat, CoNLL) have in common.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace radie::tools {

// Pieces between single separators; at most `limit`, the last one then holding the rest.
std::vector<std::string_view> SplitAt(std::string_view line, char separator,
                                      std::size_t limit = std::size_t(-1));

// Pieces between runs of spaces; none is empty.
std::vector<std::string_view> SplitAtSpaces(std::string_view line);

// Decimal digits and nothing else, at most 2^53.
std::optional<std::size_t> ParseOffset(std::string_view digits);

// \\ \n \r \t \s \# and \u{HEX} stand for backslash, line feed, carriage return, tab, space, # and
// any code point: that is how `radie extract` keeps a token on one line. A backslash before
// anything else is a backslash.
std::string UnescapeField(std::string_view field);

// %XX, with upper-case digits, stands for a byte: `radie extract --output-dir` names files so. The
// name as it is when that gives no UTF-8.
std::string PercentDecoded(const std::string& name);

// NAME out of "# id = NAME" or "# newdoc id = NAME", the line that begins a document.
std::optional<std::string> IdOfHeader(std::string_view line);

// "# error = …": the document could not be processed.
bool IsErrorHeader(std::string_view line);

// Unicode's white space, the separators U+001C to U+001F and the byte order mark, for one code
// point as UTF-8.
bool IsWhiteSpace(std::string_view character);

// The text with every white space character as one U+0020. The text is valid UTF-8.
std::string WithPlainSpaces(std::string_view text);

}  // namespace radie::tools
