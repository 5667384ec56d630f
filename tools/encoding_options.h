// --encoding and --on-invalid: how a text file becomes UTF-8.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <optional>
#include <string_view>

#include "radie/charset.h"

namespace radie::tools {

struct EncodingOptions {
  std::optional<Encoding> encoding = Encoding::kUtf8;  // nothing: to be detected
  bool named = false;                                  // by the user
  DecodeOptions::Invalid invalid = DecodeOptions::Invalid::kError;
};

void AddEncodingOptions(CLI::App& command, EncodingOptions& options);

// The option by which these do not go with JSON Lines; null where they do.
const char* ExcludesJsonLines(const EncodingOptions& options);

// Throws Error as DecodeText does; the cap is that of a report.
DecodedText DecodeReport(std::string_view bytes, const EncodingOptions& options);

// So many bytes of a file show that DecodeReport refuses it for its length.
std::size_t EnoughBytes();

}  // namespace radie::tools
