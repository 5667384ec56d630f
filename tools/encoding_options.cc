#include "tools/encoding_options.h"

#include <map>
#include <string>

#include "radie/options.h"

namespace radie::tools {
namespace {

std::size_t MaxReportBytes() { return ExtractorOptions().max_report_bytes; }

}  // namespace

void AddEncodingOptions(CLI::App& command, EncodingOptions& options) {
  command
      .add_option_function<std::string>(
          "--encoding",
          [&options](const std::string& name) {
            options.encoding = EncodingFromName(name);
            options.named = true;
            if (!options.encoding && name != "detect")
              throw CLI::ValidationError("--encoding", "no encoding is called '" + name + "'");
          },
          "Of text files and text on standard input: utf-8 (default), cp932, euc-jp, iso-2022-jp, "
          "utf-16, or detect, which guesses and says so in the record's warnings. JSON Lines are "
          "UTF-8 always and refused with another one")
      ->type_name("NAME");
  static const std::map<std::string, DecodeOptions::Invalid> kInvalid = {
      {"error", DecodeOptions::Invalid::kError}, {"replace", DecodeOptions::Invalid::kReplace}};
  command
      .add_option("--on-invalid", options.invalid,
                  "A text file with bytes that are no character of the encoding: error (default), "
                  "or replace, which reads U+FFFD and gives the places in the record's warnings")
      ->transform(CLI::CheckedTransformer(kInvalid).description(""))
      ->type_name("WHAT");
}

const char* ExcludesJsonLines(const EncodingOptions& options) {
  if (options.encoding != Encoding::kUtf8) return "--encoding";
  return options.invalid == DecodeOptions::Invalid::kError ? nullptr : "--on-invalid replace";
}

DecodedText DecodeReport(std::string_view bytes, const EncodingOptions& options) {
  const DecodeOptions decode = {options.invalid, MaxReportBytes()};
  return options.encoding ? DecodeText(bytes, *options.encoding, decode)
                          : DecodeDetectedText(bytes, decode);
}

std::size_t EnoughBytes() { return MaxReportBytes() * DecodeOptions::kMaxExpansion + 1; }

}  // namespace radie::tools
