#include "tools/serve/auth.h"

#include <strings.h>

#include <algorithm>
#include <cctype>

#include "radie/fhir.h"
#include "tools/exit_codes.h"
#include "tools/line_reader.h"

namespace radie::tools::serve {
namespace {

constexpr std::size_t kMinLength = 16;
constexpr std::size_t kMaxLine = 4096;

bool IsTokenCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("-._~+/=").find(c) != std::string_view::npos;
}

bool SameDigest(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  }
  return difference == 0;
}

}  // namespace

Tokens Tokens::Read(const std::string& path) {
  Tokens tokens;
  const auto refuse = [&](const std::string& why) {
    throw ExitError(kExitUsage, "--token-file " + path + ": " + why);
  };
  try {
    OpenFile file(path);
    LineReader reader(file, kMaxLine);
    std::string line;
    for (;;) {
      const LineReader::Result result = reader.Next(line);
      if (result == LineReader::Result::kEnd) break;
      const std::string where = "line " + std::to_string(reader.line_number());
      if (result == LineReader::Result::kTooLong) refuse(where + ": too long");
      while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back())) != 0)
        line.pop_back();
      if (line.empty() || line.front() == '#') continue;
      if (line.size() < kMinLength)
        refuse(where + ": a token has at least " + std::to_string(kMinLength) + " characters");
      if (!std::all_of(line.begin(), line.end(), IsTokenCharacter))
        refuse(where + ": a token is made of letters, digits and -._~+/=");
      tokens.digests_.push_back(Sha256Hex(line));
    }
  } catch (const ExitError& error) {
    throw ExitError(kExitUsage, error.what());
  }
  if (!tokens.required()) refuse("holds no token");
  return tokens;
}

bool Tokens::Allow(std::string_view authorization) const {
  if (!required()) return true;
  constexpr std::string_view kScheme = "Bearer ";
  if (authorization.size() <= kScheme.size() ||
      ::strncasecmp(authorization.data(), kScheme.data(), kScheme.size()) != 0) {
    return false;
  }
  const std::string digest = Sha256Hex(authorization.substr(kScheme.size()));
  bool allowed = false;
  for (const std::string& known : digests_) allowed |= SameDigest(digest, known);
  return allowed;
}

}  // namespace radie::tools::serve
