// radie serve: extraction over HTTP.
#include <memory>

#include "radie/tokenizer.h"
#include "tools/commands.h"
#include "tools/exit_codes.h"
#include "tools/fhir_options.h"
#include "tools/serve/access_log.h"
#include "tools/serve/auth.h"
#include "tools/serve/batcher.h"
#include "tools/serve/http_server.h"
#include "tools/serve/listener.h"
#include "tools/serve/options.h"
#include "tools/signals.h"
#include "tools/term_files.h"

namespace radie::tools {
namespace {

using serve::ServeOptions;

void RequireProtection(const serve::ListeningSocket& socket, const ServeOptions& options) {
  if (socket.is_loopback() || !options.token_file.empty() || options.insecure) return;
  throw ExitError(kExitUsage, "--host " + options.host +
                                  ": other machines could reach it; give --token-file FILE, or "
                                  "--insecure where something in front asks who they are");
}

int RunServe(const ServeOptions& options) {
  const serve::Tokens tokens =
      options.token_file.empty() ? serve::Tokens() : serve::Tokens::Read(options.token_file);
  serve::ListeningSocket socket(options.host, options.port);
  RequireProtection(socket, options);
  const TermTable terms = LoadTerms(options.terms);
  const std::shared_ptr<const Model> model = LoadModel(options.model);
  RequireStage(*model, Stage::kEntities);
  RequireStage(*model, Stage::kRelations);
  const SignalsToMainThread shield;  // for all threads, this one too: signals are waited for
  ExtractorOptions extraction;
  extraction.min_confidence = options.min_confidence;
  extraction.cache_bytes = options.cache_mib << 20;
  const Extractor extractor = MakeExtractor(model, options.model, extraction);
  const TextTokenizer tokenizer(model, Stage::kEntities);

  serve::Metrics metrics;
  serve::Batcher batcher(extractor, options.max_queue, metrics);
  serve::ExtractParts parts;
  parts.batcher = &batcher;
  parts.metrics = &metrics;
  parts.tokenizer = &tokenizer;
  parts.terms = options.terms.empty() ? nullptr : &terms;
  parts.source = {options.max_records, options.keep_patient_id};
  parts.fhir = FhirOptionsOf({}, *model, options.model);
  serve::HttpOptions http;
  http.stream.timeout = std::chrono::seconds(options.timeout_seconds);
  http.stream.idle = std::chrono::seconds(options.idle_seconds);
  http.max_body = options.max_body;
  serve::HttpServer server(http, tokens, parts, metrics);
  serve::LogListening(options.host, socket.port(), model->info().name);
  serve::ListenUntilSignal(socket, server, {options.max_connections, options.drain_delay_seconds},
                           metrics);
  return kExitOk;
}

constexpr char kServeFooter[] =
    R"(Examples:
  radie serve                                       on http://127.0.0.1:8080/, with a page to try it
  radie serve --port 0                              on a free port, which standard error tells
  radie serve --host 0.0.0.0 --token-file tokens    for others, who must know a token
  curl -H 'Content-Type: text/plain' --data-binary @report.txt http://127.0.0.1:8080/v1/extract

Standard error has one JSON line a request. SIGTERM and Ctrl-C end it when all requests are answered.
Endpoints, limits and deployment: docs/serve.md.
)";

}  // namespace

void AddServe(CLI::App& app, Run& run) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* sub = app.add_subcommand("serve", "Extract findings over HTTP");
  serve::AddServeOptions(*sub, *options);
  sub->footer(std::string(kServeFooter) + kExitCodesHelp);
  sub->callback([options, &run] { run = [options] { return RunServe(*options); }; });
}

}  // namespace radie::tools
