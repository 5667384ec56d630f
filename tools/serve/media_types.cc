#include "tools/serve/media_types.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <vector>

namespace radie::tools::serve {
namespace {

std::string_view Trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  return lower;
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

// The parts between separators that do not stand in quotes.
std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == separator && !quoted) {
      parts.push_back(Trimmed(text.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  parts.push_back(Trimmed(text.substr(std::min(begin, text.size()))));
  return parts;
}

std::string Unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  std::string value;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\' && i + 2 < text.size()) ++i;
    value += text[i];
  }
  return value;
}

struct Preference {
  int closeness = -1;  // how closely the range names the offer: 0 all, 1 the type, 2 itself
  double quality = 0;
};

void Regard(const MediaType& range, std::string_view offer, Preference& preference) {
  const std::string_view type = offer.substr(0, offer.find('/'));
  int closeness = -1;
  if (range.name == "*/*") closeness = 0;
  if (range.name == std::string(type) + "/*") closeness = 1;
  if (range.name == offer) closeness = 2;
  if (closeness <= preference.closeness) return;
  const auto quality = range.parameters.find("q");
  preference.closeness = closeness;
  preference.quality =
      quality == range.parameters.end() ? 1 : std::strtod(quality->second.c_str(), nullptr);
}

}  // namespace

std::optional<MediaType> ParseMediaType(std::string_view text) {
  const std::vector<std::string_view> parts = Split(text, ';');
  const std::size_t slash = parts[0].find('/');
  if (slash == std::string_view::npos || !IsToken(parts[0].substr(0, slash)) ||
      !IsToken(parts[0].substr(slash + 1))) {
    return std::nullopt;
  }
  MediaType type;
  type.name = Lower(parts[0]);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (parts[i].empty()) continue;
    const std::size_t equals = parts[i].find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string name = Lower(Trimmed(parts[i].substr(0, equals)));
    if (!IsToken(name)) return std::nullopt;
    type.parameters[name] = Unquoted(Trimmed(parts[i].substr(equals + 1)));
  }
  return type;
}

std::optional<std::size_t> BestOffer(std::string_view accept,
                                     std::span<const std::string_view> offers) {
  if (Trimmed(accept).empty()) return 0;
  std::vector<Preference> preferences(offers.size());
  for (std::string_view part : Split(accept, ',')) {
    const std::optional<MediaType> range = ParseMediaType(part);
    if (!range) continue;
    for (std::size_t i = 0; i < offers.size(); ++i) Regard(*range, offers[i], preferences[i]);
  }
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < offers.size(); ++i) {
    if (preferences[i].quality > (best ? preferences[*best].quality : 0)) best = i;
  }
  return best;
}

}  // namespace radie::tools::serve
