#include "tools/serve/options.h"

namespace radie::tools::serve {
namespace {

void AddAddressOptions(CLI::App& command, ServeOptions& options) {
  command
      .add_option("--host", options.host,
                  "Address to listen on (default: 127.0.0.1). One that other machines reach needs "
                  "--token-file or --insecure")
      ->type_name("ADDRESS");
  command
      .add_option("--port", options.port,
                  "Port (default: 8080); 0: any free one, told on standard error")
      ->check(CLI::Range(0, 65535).description(""))
      ->type_name("N");
  command
      .add_option("--token-file", options.token_file,
                  "Ask for one of the bearer tokens in this file, one a line, each of at least 16 "
                  "characters")
      ->type_name("FILE");
  command.add_flag("--insecure", options.insecure,
                   "Let other machines in without a token: only where something in front asks");
}

void AddLimitOptions(CLI::App& command, ServeOptions& options) {
  constexpr std::size_t kMegabyte = std::size_t{1} << 20;
  command
      .add_option("--max-body", options.max_body,
                  "Largest body: bytes, or with K or M (default: 4M); more is 413")
      ->transform(CLI::AsSizeValue(false).description(""))
      ->check(CLI::Range(std::size_t{1}, 64 * kMegabyte).description(""))
      ->type_name("SIZE");
  command
      .add_option("--max-records", options.max_records,
                  "Most reports in a body (default: 10000); more is 413")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}).description(""))
      ->type_name("N");
  command
      .add_option("--max-queue", options.max_queue,
                  "Most reports that wait (default: 256); more is 503 with Retry-After")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000}).description(""))
      ->type_name("N");
  command
      .add_option("--max-connections", options.max_connections,
                  "Most connections at a time (default: 256); more is 503 with Retry-After")
      ->check(CLI::Range(std::size_t{1}, std::size_t{10'000}).description(""))
      ->type_name("N");
  command
      .add_option("--timeout", options.timeout_seconds,
                  "Seconds for the header, for the body, and for taking each piece of an answer "
                  "(default: 30)")
      ->check(CLI::Range(1, 3600).description(""))
      ->type_name("S");
  command
      .add_option("--idle-timeout", options.idle_seconds,
                  "Seconds a connection may be silent between requests (default: 60)")
      ->check(CLI::Range(1, 3600).description(""))
      ->type_name("S");
  command
      .add_option("--drain-delay", options.drain_delay_seconds,
                  "Seconds to go on accepting after SIGTERM, while /readyz says 503 (default: 0)")
      ->check(CLI::Range(0, 3600).description(""))
      ->type_name("S");
}

void AddExtractionOptions(CLI::App& command, ServeOptions& options) {
  command
      .add_option("--min-confidence", options.min_confidence,
                  "Leave out entities and relations of less confidence, 0 to 1")
      ->check(CLI::Range(0.0, 1.0).description(""))
      ->type_name("P");
  command
      .add_option("--terms", options.terms,
                  "Table of terms whose codes mentions are given; may be repeated (docs/terms.md)")
      ->allow_extra_args(false)
      ->type_name("FILE");
  command.add_flag("--keep-patient-id", options.keep_patient_id,
                   "Write the patient's identifier (PID-3) of HL7 messages into the record");
  command
      .add_option("--cache", options.cache_mib,
                  "MiB in which to keep what was computed, for texts that come again; 0: none "
                  "(default: 64)")
      ->check(CLI::Range(std::size_t{0}, std::size_t{1} << 20).description(""))
      ->type_name("MIB");
}

}  // namespace

void AddServeOptions(CLI::App& command, ServeOptions& options) {
  AddAddressOptions(command, options);
  AddModelOption(command, options.model);
  AddComputeOptions(command, options.model);
  AddExtractionOptions(command, options);
  AddLimitOptions(command, options);
}

}  // namespace radie::tools::serve
