// Report text in, structured report out.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "radie/error.h"
#include "radie/export.h"
#include "radie/model.h"
#include "radie/options.h"
#include "radie/report.h"

namespace radie {

// A mention that the caller supplies, for running stage 2 alone.
struct EntityMention {
  std::string type;  // an entity type of the model's schema
  Range range;       // in the report's text, in the request's `unit`
};

// One report and what to do with it. Views are not owned and must live until the call returns.
struct Request {
  std::string_view text;  // UTF-8

  enum class Stages { kBoth, kEntitiesOnly, kRelationsOnly };
  Stages stages = Stages::kBoth;

  // Read only with kRelationsOnly. Any order; mentions must be non-empty and must not overlap.
  std::span<const EntityMention> entities = {};
  OffsetUnit unit = OffsetUnit::kCodePoint;
};

// What became of one report of a batch.
class Outcome {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): a report is an outcome, as for std::expected
  Outcome(StructuredReport report) : value_(std::move(report)) {}
  // NOLINTNEXTLINE(google-explicit-constructor): an error is one too
  Outcome(Error error) : value_(std::move(error)) {}

  bool ok() const noexcept { return std::holds_alternative<StructuredReport>(value_); }

  // Only when ok(); throws the error otherwise.
  const StructuredReport& report() const {
    if (const Error* failed = std::get_if<Error>(&value_)) throw *failed;
    return std::get<StructuredReport>(value_);
  }

  // Only when !ok().
  const Error& error() const { return std::get<Error>(value_); }

 private:
  std::variant<StructuredReport, Error> value_;
};

// How a running call is watched and ended. Neither changes a result.
struct RunControl {
  // Called in the calling thread, with the number of finished reports, each time a group of them is
  // done; `total` is the number of requests. What it throws ends the call.
  std::function<void(std::size_t done, std::size_t total)> progress = {};

  // A stop that is requested while the call runs is seen before the encoder's next batch
  // (ExtractorOptions.max_batch_tokens). Every report that is not finished by then has the outcome
  // ErrorCode::kCancelled.
  std::stop_token cancel = {};
};

// Thread-safe: any number of threads may call one extractor; they share its pool. The same report
// gives the same result to the last bit whatever else is in the batch, in whatever order, on
// however many threads (for one model and one ISA).
class RADIE_API Extractor {
 public:
  // Throws Error(kInvalidArgument) when an option is out of range. Keeps the model alive.
  explicit Extractor(std::shared_ptr<const Model> model, const ExtractorOptions& options = {});
  ~Extractor();
  Extractor(Extractor&&) noexcept;
  Extractor& operator=(Extractor&&) noexcept;

  // Both stages on one report. Throws the report's Error.
  StructuredReport Extract(std::string_view text) const;

  // Stage 1 alone: entities, no relations. Throws the report's Error.
  StructuredReport Tag(std::string_view text) const;

  // Stage 2 alone, on the caller's entities. Throws the report's Error.
  StructuredReport Relate(std::string_view text, std::span<const EntityMention> entities,
                          OffsetUnit unit = OffsetUnit::kCodePoint) const;

  // As many outcomes as requests, in their order; a bad report, or one that there is no memory for,
  // is an Error in its place and the others go on. Throws only when the model lacks a stage that a
  // request needs (kInvalidArgument), and std::bad_alloc without the memory for an outcome.
  std::vector<Outcome> Run(std::span<const Request> requests, const RunControl& control = {}) const;

  // Run() with both stages on every text.
  std::vector<Outcome> ExtractBatch(std::span<const std::string_view> texts) const;

  // The number of threads in use.
  std::size_t threads() const noexcept;

 private:
  class Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace radie
