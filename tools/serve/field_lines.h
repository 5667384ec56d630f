// Lines of a header, `name: value`, as strictly as two readers need who must not read two things.
#pragma once

#include <string_view>

namespace radie::tools::serve {

// Of a field's name: what RFC 9110, 5.6.2 calls a token.
bool IsNameByte(char byte);
bool IsFieldName(std::string_view name);

// `line` is without its end. False for a line without a name and a colon, for one that goes on from
// the last (it begins with white space), and where httplib would drop or decode what tells the
// body's length.
bool IsFieldLine(std::string_view line);

// Is `name` one of a value's names, which stand between commas in any case?
bool ListHas(std::string_view value, std::string_view name);

}  // namespace radie::tools::serve
