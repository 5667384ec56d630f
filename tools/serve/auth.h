// Bearer tokens (RFC 6750).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace radie::tools::serve {

// Immutable; any number of threads may ask.
class Tokens {
 public:
  // None: every request is let in.
  Tokens() = default;

  // One token a line; empty lines and lines that begin with # are passed over. Throws
  // ExitError(kExitUsage) naming file and line, never a token, when the file cannot be read, holds
  // none, or one is shorter than 16 characters or has characters that RFC 6750 does not allow.
  static Tokens Read(const std::string& path);

  bool required() const { return !digests_.empty(); }

  // `authorization` is the value of that header. How long it takes tells nothing of how much of a
  // token was right: digests of one length are compared to their end, all of them.
  bool Allow(std::string_view authorization) const;

 private:
  std::vector<std::string> digests_;  // SHA-256
};

}  // namespace radie::tools::serve
