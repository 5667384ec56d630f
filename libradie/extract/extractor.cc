#include "radie/extractor.h"

#include <algorithm>
#include <new>
#include <string>
#include <utility>
#include <variant>

#include "libradie/base/float_environment.h"
#include "libradie/base/thread_pool.h"
#include "libradie/extract/loaded_model.h"
#include "libradie/extract/min_confidence.h"
#include "libradie/extract/prepared_report.h"
#include "libradie/extract/relating.h"
#include "libradie/extract/result_cache.h"
#include "libradie/extract/sequence_set.h"
#include "libradie/extract/tagging.h"
#include "radie/certainty.h"

namespace radie {
namespace {

using internal::LoadedModel;
using internal::PreparedReport;

// Reports that share encoder batches. Bounds the memory of one Run() beside its outcomes; never
// changes a result.
constexpr std::size_t kGroupReports = 64;
constexpr std::size_t kGroupBytes = std::size_t{1} << 20;

Error OutOfMemory() { return Error(ErrorCode::kOutOfMemory, "report: not enough memory"); }

}  // namespace

class Extractor::Impl {
 public:
  Impl(std::shared_ptr<const Model> model, const ExtractorOptions& options)
      : model_(std::move(model)),
        options_(options),
        pool_(options.threads),
        cache_(options.cache_bytes) {}

  std::vector<Outcome> Run(std::span<const Request> requests, const RunControl& control) const {
    RequireStages(requests);
    std::vector<Outcome> outcomes;
    outcomes.reserve(requests.size());
    for (std::size_t next = 0; next < requests.size();) {
      std::size_t count = 0, bytes = 0;
      do {
        bytes += requests[next + count++].text.size();
      } while (next + count < requests.size() && count < kGroupReports && bytes < kGroupBytes);
      RunGroup(requests.subspan(next, count), control.cancel, outcomes);
      next += count;
      if (control.progress) control.progress(next, requests.size());
    }
    return outcomes;
  }

  std::size_t threads() const { return pool_.threads(); }

 private:
  const LoadedModel& loaded() const { return model_->loaded(); }

  void RequireStages(std::span<const Request> requests) const {
    for (const Request& request : requests) {
      if (request.stages != Request::Stages::kRelationsOnly && !loaded().entities) {
        throw Error(ErrorCode::kInvalidArgument,
                    "Request.stages: the model has no stage 'entities'");
      }
      if (request.stages != Request::Stages::kEntitiesOnly && !loaded().relations) {
        throw Error(ErrorCode::kInvalidArgument,
                    "Request.stages: the model has no stage 'relations'");
      }
    }
  }

  // When memory runs out, the group is tried again report by report, so that one that is too large
  // fails alone.
  void RunGroup(std::span<const Request> requests, const std::stop_token& cancel,
                std::vector<Outcome>& outcomes) const {
    const FloatEnvironment environment;
    try {
      if (cancel.stop_requested()) throw internal::Cancelled();  // before any work on the group
      std::vector<Outcome> done = RunTogether(requests, cancel);
      for (Outcome& outcome : done) outcomes.push_back(std::move(outcome));
    } catch (const Error& error) {  // a report's own errors are outcomes already
      if (error.code() != ErrorCode::kCancelled) throw;
      outcomes.insert(outcomes.end(), requests.size(), Outcome(error));
    } catch (const std::bad_alloc&) {
      if (requests.size() == 1) {
        outcomes.emplace_back(OutOfMemory());
        return;
      }
      for (std::size_t i = 0; i < requests.size(); ++i) {
        RunGroup(requests.subspan(i, 1), cancel, outcomes);
      }
    }
  }

  std::vector<Outcome> RunTogether(std::span<const Request> requests,
                                   const std::stop_token& cancel) const {
    // A slot is empty until its report is prepared; an error in place of the report ends its way.
    std::vector<std::variant<std::monostate, PreparedReport, Error>> slots(requests.size());
    pool_.For(slots.size(), [&](std::size_t i, std::size_t) {
      try {
        slots[i] = PrepareRequest(requests[i]);
      } catch (const Error& error) {
        slots[i] = error;
      }
    });
    std::vector<PreparedReport*> reports;
    reports.reserve(slots.size());
    for (auto& slot : slots) reports.push_back(std::get_if<PreparedReport>(&slot));
    TagReports(requests, reports, cancel);
    RelateReports(requests, reports, cancel);

    std::vector<Outcome> outcomes;
    outcomes.reserve(slots.size());
    for (std::size_t i = 0; i < slots.size(); ++i) {
      if (Error* error = std::get_if<Error>(&slots[i])) {
        outcomes.emplace_back(std::move(*error));
      } else {
        outcomes.push_back(Finish(requests[i], std::get<PreparedReport>(std::move(slots[i]))));
      }
    }
    return outcomes;
  }

  PreparedReport PrepareRequest(const Request& request) const {
    PreparedReport report = internal::Prepare(request.text, loaded(), options_);
    if (request.stages == Request::Stages::kRelationsOnly) {
      internal::PlaceMentions(request.entities, request.unit, loaded().config.schema, report);
    }
    return report;
  }

  // The reports that still go on and whose request wants a stage; null for the others.
  static std::vector<PreparedReport*> Wanting(std::span<const Request> requests,
                                              std::vector<PreparedReport*> reports,
                                              Request::Stages without) {
    for (std::size_t i = 0; i < reports.size(); ++i) {
      if (reports[i] != nullptr && (reports[i]->error || requests[i].stages == without)) {
        reports[i] = nullptr;
      }
    }
    return reports;
  }

  static bool None(const std::vector<PreparedReport*>& reports) {
    return std::all_of(reports.begin(), reports.end(), [](const auto* r) { return r == nullptr; });
  }

  void TagReports(std::span<const Request> requests, const std::vector<PreparedReport*>& reports,
                  const std::stop_token& cancel) const {
    const auto wanting = Wanting(requests, reports, Request::Stages::kRelationsOnly);
    if (None(wanting)) return;
    internal::TagReports(*loaded().entities, wanting, pool_, options_.max_batch_tokens, cache_,
                         cancel);
  }

  void RelateReports(std::span<const Request> requests, const std::vector<PreparedReport*>& reports,
                     const std::stop_token& cancel) const {
    for (PreparedReport* report : reports) {
      if (report != nullptr && report->entities.size() > options_.max_entities) {
        report->error =
            Error(ErrorCode::kLimitExceeded, "report: more entities than max_entities = " +
                                                 std::to_string(options_.max_entities));
      }
    }
    const auto wanting = Wanting(requests, reports, Request::Stages::kEntitiesOnly);
    if (!None(wanting)) internal::RelateReports(loaded(), wanting, pool_, options_, cache_, cancel);
  }

  Outcome Finish(const Request& request, PreparedReport prepared) const {
    if (prepared.error) return std::move(*prepared.error);
    StructuredReport report = Assemble(std::move(prepared));
    const bool related = request.stages != Request::Stages::kEntitiesOnly;
    if (related && loaded().config.schema.FindEntityType(kCertaintyType))
      AttachCertainty(request.text, report);
    AttachTypesCertainty(report);
    if (options_.min_confidence > 0) internal::LeaveOutBelow(options_.min_confidence, report);
    return report;
  }

  // Where no descriptor says more, an object is as sure as its type says.
  void AttachTypesCertainty(StructuredReport& report) const {
    const Schema& schema = loaded().config.schema;
    for (Finding& finding : report.findings) {
      const Entity& object = report.entities[finding.object];
      const auto& certainty = schema.entity_types[*schema.FindEntityType(object.type)].certainty;
      if (!certainty || (finding.certainty && !finding.certainty->sources.empty())) continue;
      finding.certainty = Certainty{*certainty, object.confidence, {}};
    }
  }

  StructuredReport Assemble(PreparedReport prepared) const {
    const Schema& schema = loaded().config.schema;
    StructuredReport report;
    report.entities = internal::DescribeEntities(prepared, schema);
    report.relations = std::move(prepared.relations);
    std::vector<bool> is_object;
    for (const internal::PlacedEntity& entity : prepared.entities) {
      is_object.push_back(schema.entity_types[entity.type].is_object);
    }
    report.findings = AssembleFindings(report.entities, report.relations, is_object);
    report.warnings = std::move(prepared.warnings);
    return report;
  }

  std::shared_ptr<const Model> model_;
  ExtractorOptions options_;
  mutable ThreadPool pool_;  // thread-safe itself, and so is the next
  mutable internal::ResultCache cache_;
};

namespace {

void CheckOptions(const std::shared_ptr<const Model>& model, const ExtractorOptions& options) {
  auto refuse = [](const char* what) { throw Error(ErrorCode::kInvalidArgument, what); };
  if (model == nullptr) refuse("Extractor: no model");
  if (options.threads > ThreadPool::kMaxThreads) refuse("ExtractorOptions.threads: more than 1024");
  if (options.max_report_bytes == 0) refuse("ExtractorOptions.max_report_bytes: is 0");
  if (options.max_batch_tokens == 0) refuse("ExtractorOptions.max_batch_tokens: is 0");
  if (!(options.min_confidence >= 0 && options.min_confidence <= 1)) {
    refuse("ExtractorOptions.min_confidence: is not 0 to 1");
  }
  if (!model->has_stage(Stage::kEntities) && !model->has_stage(Stage::kRelations)) {
    refuse("Extractor: the model holds an encoder only; use radie::Encoder");
  }
}

StructuredReport Only(std::vector<Outcome> outcomes) { return outcomes.front().report(); }

}  // namespace

Extractor::Extractor(std::shared_ptr<const Model> model, const ExtractorOptions& options) {
  CheckOptions(model, options);
  impl_ = std::make_unique<const Impl>(std::move(model), options);
}
Extractor::~Extractor() = default;
Extractor::Extractor(Extractor&&) noexcept = default;
Extractor& Extractor::operator=(Extractor&&) noexcept = default;

StructuredReport Extractor::Extract(std::string_view text) const {
  const Request request{.text = text};
  return Only(Run({&request, 1}));
}

StructuredReport Extractor::Tag(std::string_view text) const {
  const Request request{.text = text, .stages = Request::Stages::kEntitiesOnly};
  return Only(Run({&request, 1}));
}

StructuredReport Extractor::Relate(std::string_view text, std::span<const EntityMention> entities,
                                   OffsetUnit unit) const {
  const Request request{
      .text = text, .stages = Request::Stages::kRelationsOnly, .entities = entities, .unit = unit};
  return Only(Run({&request, 1}));
}

std::vector<Outcome> Extractor::Run(std::span<const Request> requests,
                                    const RunControl& control) const {
  return impl_->Run(requests, control);
}

std::vector<Outcome> Extractor::ExtractBatch(std::span<const std::string_view> texts) const {
  std::vector<Request> requests;
  requests.reserve(texts.size());
  for (std::string_view text : texts) requests.push_back({.text = text});
  return Run(requests);
}

std::size_t Extractor::threads() const noexcept { return impl_->threads(); }

}  // namespace radie
