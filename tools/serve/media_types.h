// Content-Type and Accept (RFC 9110).
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace radie::tools::serve {

struct MediaType {
  std::string name;                               // "text/plain", in lower case
  std::map<std::string, std::string> parameters;  // names in lower case, values without quotes
};

// Nothing for what is none.
std::optional<MediaType> ParseMediaType(std::string_view text);

// The index of the offer that `accept` likes best, the first of those it likes as much; nothing
// when it takes none of them. An empty header takes the first offer. Parts that are no media ranges
// are passed over.
std::optional<std::size_t> BestOffer(std::string_view accept,
                                     std::span<const std::string_view> offers);

}  // namespace radie::tools::serve
