#include <span>
#include <string>
#include <string_view>

#include "libradie/capi/guard.h"
#include "libradie/capi/versioned_struct.h"
#include "radie/writer.h"

namespace radie::capi {
namespace {

ExtractorOptions ExtractorOptionsOf(const radie_extractor_options& given) {
  ExtractorOptions options;
  options.threads = given.threads;
  if (given.max_report_bytes != 0) options.max_report_bytes = given.max_report_bytes;
  if (given.max_batch_tokens != 0) options.max_batch_tokens = given.max_batch_tokens;
  options.min_confidence = given.min_confidence;
  options.cache_bytes = given.cache_bytes;
  return options;
}

std::string_view TextOf(const char* utf8, std::size_t bytes) {
  if (utf8 == nullptr && bytes != 0) Refuse("utf8: is NULL, and bytes is not 0");
  return {utf8 == nullptr ? "" : utf8, bytes};
}

const radie_extractor& Checked(const radie_extractor* extractor) {
  return Required(extractor, "extractor: is NULL or was freed");
}

StructuredReport ExtractOne(const radie_extractor* extractor, const char* utf8, std::size_t bytes) {
  return Checked(extractor).extractor.Extract(TextOf(utf8, bytes));
}

RunControl ControlOf(const radie_run_options& given) {
  RunControl control;
  if (given.progress != nullptr) {
    control.progress = [given](std::size_t done, std::size_t total) {
      given.progress(given.progress_context, done, total);
    };
  }
  if (given.cancel != nullptr) {
    control.cancel =
        Required(given.cancel, "radie_run_options.cancel: was freed").source.get_token();
  }
  return control;
}

std::unique_ptr<radie_batch> BatchOf(std::vector<Outcome> outcomes, const Log& log) {
  auto batch = std::make_unique<radie_batch>();
  batch->outcomes.reserve(outcomes.size());
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i].ok()) {
      batch->outcomes.emplace_back(radie_report{outcomes[i].report()});
      continue;
    }
    const Error& error = outcomes[i].error();
    log(RADIE_LOG_WARNING, "report " + std::to_string(i) + " of a batch: " +
                               std::string(ErrorCodeName(error.code())) + ": " + error.what());
    batch->outcomes.emplace_back(radie_error{StatusOf(error.code()), error.what(), error.offset()});
  }
  return batch;
}

}  // namespace
}  // namespace radie::capi

// NOLINTNEXTLINE(google-build-using-namespace): C's functions are defined outside of it
using namespace radie::capi;

radie_status radie_extractor_new(const radie_model* model, const radie_extractor_options* options,
                                 radie_extractor** extractor, radie_error** error) {
  return Publish(extractor, error, [&] {
    const auto given = ReadOptions(options, "radie_extractor_options");
    const radie_model& checked = Required(model, "model: is NULL or was freed");
    return std::make_unique<radie_extractor>(
        radie_extractor{radie::Extractor(checked.model, ExtractorOptionsOf(given)),
                        {given.log, given.log_context}});
  });
}

void radie_extractor_free(radie_extractor* extractor) { Free(extractor); }

radie_status radie_extract(const radie_extractor* extractor, const char* utf8, size_t bytes,
                           radie_report** report, radie_error** error) {
  return Publish(report, error, [&] {
    return std::make_unique<radie_report>(radie_report{ExtractOne(extractor, utf8, bytes)});
  });
}

radie_status radie_extract_json(const radie_extractor* extractor, const char* utf8, size_t bytes,
                                radie_string** json, radie_error** error) {
  return Publish(json, error, [&] {
    const radie::StructuredReport report = ExtractOne(extractor, utf8, bytes);
    return std::make_unique<radie_string>(radie_string{radie::ToJson("", "", report)});
  });
}

radie_status radie_extract_batch(const radie_extractor* extractor, const radie_text* texts,
                                 size_t count, const radie_run_options* options,
                                 radie_batch** batch, radie_error** error) {
  return Publish(batch, error, [&] {
    if (texts == nullptr && count != 0) Refuse("texts: is NULL, and count is not 0");
    const radie_extractor& checked = Checked(extractor);
    const radie::RunControl control = ControlOf(ReadOptions(options, "radie_run_options"));
    std::vector<radie::Request> requests;
    requests.reserve(count);
    for (const radie_text& text : std::span(texts, count)) {
      requests.push_back({.text = TextOf(text.utf8, text.bytes)});
    }
    return BatchOf(checked.extractor.Run(requests, control), checked.log);
  });
}

size_t radie_batch_size(const radie_batch* batch) {
  return batch == nullptr ? 0 : batch->outcomes.size();
}

const radie_report* radie_batch_report(const radie_batch* batch, size_t index) {
  if (index >= radie_batch_size(batch)) return nullptr;
  return std::get_if<radie_report>(&batch->outcomes[index]);
}

const radie_error* radie_batch_error(const radie_batch* batch, size_t index) {
  if (index >= radie_batch_size(batch)) return nullptr;
  return std::get_if<radie_error>(&batch->outcomes[index]);
}

void radie_batch_free(radie_batch* batch) { Free(batch); }

radie_status radie_cancel_new(radie_cancel** cancel, radie_error** error) {
  return Publish(cancel, error, [] { return std::make_unique<radie_cancel>(); });
}

void radie_cancel_request(radie_cancel* cancel) {
  if (cancel != nullptr && IsAlive(cancel)) cancel->source.request_stop();
}

void radie_cancel_free(radie_cancel* cancel) { Free(cancel); }
