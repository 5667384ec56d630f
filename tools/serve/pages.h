// The files that are served as they are; they are compiled in.
#pragma once

#include <string_view>

namespace radie::tools::serve {

std::string_view PageHtml();
std::string_view PageStyle();
std::string_view PageScript();
std::string_view OpenApi();  // OpenAPI 3.1, with the record's schema (docs/output.schema.json)

}  // namespace radie::tools::serve
