#include "radie/extractor.h"

#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include "libradie/base/thread_pool.h"
#include "libradie/extract/loaded_model.h"
#include "libradie/extract/prepared_report.h"
#include "libradie/extract/relating.h"
#include "libradie/extract/tagging.h"

namespace radie {
namespace {

using internal::LoadedModel;
using internal::PreparedReport;
using internal::RelatedReport;

// Reports that share encoder batches. Bounds the memory of one Run() beside its outcomes; never
// changes a result.
constexpr std::size_t kGroupReports = 64;
constexpr std::size_t kGroupBytes = std::size_t{1} << 20;

// One request on its way: a prepared report, or the error that ended it.
struct Job {
  std::optional<PreparedReport> report;
  std::optional<Error> error;
};

Error OutOfMemory() { return Error(ErrorCode::kOutOfMemory, "report: not enough memory"); }

}  // namespace

class Extractor::Impl {
 public:
  Impl(std::shared_ptr<const Model> model, const ExtractorOptions& options)
      : model_(std::move(model)),
        options_(options),
        pool_(options.threads == 0 ? AvailableThreads() : options.threads) {}

  std::vector<Outcome> Run(std::span<const Request> requests) const {
    RequireStages(requests);
    std::vector<Outcome> outcomes;
    outcomes.reserve(requests.size());
    for (std::size_t next = 0; next < requests.size();) {
      std::size_t count = 0, bytes = 0;
      do {
        bytes += requests[next + count++].text.size();
      } while (next + count < requests.size() && count < kGroupReports && bytes < kGroupBytes);
      RunGroup(requests.subspan(next, count), outcomes);
      next += count;
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
  void RunGroup(std::span<const Request> requests, std::vector<Outcome>& outcomes) const {
    try {
      std::vector<Outcome> done = RunTogether(requests);
      for (Outcome& outcome : done) outcomes.push_back(std::move(outcome));
    } catch (const std::bad_alloc&) {
      if (requests.size() == 1) {
        outcomes.emplace_back(OutOfMemory());
        return;
      }
      for (std::size_t i = 0; i < requests.size(); ++i) RunGroup(requests.subspan(i, 1), outcomes);
    }
  }

  std::vector<Outcome> RunTogether(std::span<const Request> requests) const {
    std::vector<Job> jobs(requests.size());
    pool_.For(jobs.size(), [&](std::size_t j, std::size_t) { PrepareJob(requests[j], jobs[j]); });
    TagJobs(requests, jobs);
    std::vector<RelatedReport> related = RelateJobs(requests, jobs);

    std::vector<Outcome> outcomes;
    outcomes.reserve(jobs.size());
    for (std::size_t j = 0; j < jobs.size(); ++j) {
      if (!jobs[j].error && related[j].error) jobs[j].error = std::move(related[j].error);
      if (jobs[j].error) {
        outcomes.emplace_back(std::move(*jobs[j].error));
      } else {
        outcomes.emplace_back(
            Assemble(std::move(*jobs[j].report), std::move(related[j].relations)));
      }
    }
    return outcomes;
  }

  void PrepareJob(const Request& request, Job& job) const {
    try {
      job.report = internal::Prepare(request.text, loaded(), options_);
      if (request.stages == Request::Stages::kRelationsOnly) {
        internal::PlaceMentions(request.entities, request.unit, loaded().config.schema,
                                *job.report);
      }
    } catch (const Error& error) {
      job.error = error;
    }
  }

  void TagJobs(std::span<const Request> requests, std::vector<Job>& jobs) const {
    std::vector<PreparedReport*> reports;
    for (std::size_t j = 0; j < jobs.size(); ++j) {
      const bool tag = !jobs[j].error && requests[j].stages != Request::Stages::kRelationsOnly;
      reports.push_back(tag ? &*jobs[j].report : nullptr);
    }
    if (std::all_of(reports.begin(), reports.end(), [](const auto* r) { return r == nullptr; }))
      return;
    internal::TagReports(*loaded().entities, reports, pool_, options_.max_batch_tokens);
    for (Job& job : jobs) {
      if (!job.error && job.report->entities.size() > options_.max_entities) {
        job.error = Error(ErrorCode::kLimitExceeded, "report: more entities than max_entities = " +
                                                         std::to_string(options_.max_entities));
      }
    }
  }

  std::vector<RelatedReport> RelateJobs(std::span<const Request> requests,
                                        std::vector<Job>& jobs) const {
    std::vector<RelatedReport> related(jobs.size());
    bool any = false;
    for (std::size_t j = 0; j < jobs.size(); ++j) {
      if (jobs[j].error || requests[j].stages == Request::Stages::kEntitiesOnly) continue;
      related[j].report = &*jobs[j].report;
      any = true;
    }
    if (any) internal::RelateReports(loaded(), related, pool_, options_);
    return related;
  }

  StructuredReport Assemble(PreparedReport prepared, std::vector<Relation> relations) const {
    const Schema& schema = loaded().config.schema;
    StructuredReport report;
    report.entities = internal::DescribeEntities(prepared, schema);
    report.relations = std::move(relations);
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
  mutable ThreadPool pool_;  // thread-safe itself
};

namespace {

void CheckOptions(const std::shared_ptr<const Model>& model, const ExtractorOptions& options) {
  auto refuse = [](const char* what) { throw Error(ErrorCode::kInvalidArgument, what); };
  if (model == nullptr) refuse("Extractor: no model");
  if (options.threads > 1024) refuse("ExtractorOptions.threads: more than 1024");
  if (options.max_report_bytes == 0) refuse("ExtractorOptions.max_report_bytes: is 0");
  if (options.max_batch_tokens == 0) refuse("ExtractorOptions.max_batch_tokens: is 0");
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

std::vector<Outcome> Extractor::Run(std::span<const Request> requests) const {
  return impl_->Run(requests);
}

std::vector<Outcome> Extractor::ExtractBatch(std::span<const std::string_view> texts) const {
  std::vector<Request> requests;
  requests.reserve(texts.size());
  for (std::string_view text : texts) requests.push_back({.text = text});
  return Run(requests);
}

std::size_t Extractor::threads() const noexcept { return impl_->threads(); }

}  // namespace radie
