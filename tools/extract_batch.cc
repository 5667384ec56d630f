#include "tools/extract_batch.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace radie::tools {
namespace {

constexpr std::size_t kMaxBatchBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxReports = 256;
constexpr double kFastSeconds = 0.3;
constexpr double kSlowSeconds = 1.0;

}  // namespace

std::vector<std::optional<Outcome>> ExtractItems(const Extractor& extractor, Request::Stages stages,
                                                 std::span<const ExtractItem* const> items) {
  std::vector<Request> requests;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const ExtractItem& item = *items[i];
    if (item.error) continue;
    Request request;
    request.text = item.text;
    request.stages = stages;
    request.entities = item.mentions;
    request.unit = item.unit;
    requests.push_back(request);
    places.push_back(i);
  }
  std::vector<std::optional<Outcome>> outcomes(items.size());
  std::vector<Outcome> results = extractor.Run(requests);
  for (std::size_t i = 0; i < places.size(); ++i) outcomes[places[i]] = std::move(results[i]);
  return outcomes;
}

bool AppendOutcome(const ExtractItem& item, const std::optional<Outcome>& outcome,
                   const TermTable* terms, ReportWriter& writer, std::string& out) {
  try {
    if (!outcome) throw Error(*item.error);
    if (terms == nullptr && item.warnings.empty()) {
      writer.Result(item, outcome->report(), out);
      return true;
    }
    StructuredReport report = outcome->report();
    report.warnings.insert(report.warnings.begin(), item.warnings.begin(), item.warnings.end());
    if (terms != nullptr) AttachCodes(*terms, report);
    writer.Result(item, report, out);
    return true;
  } catch (const Error& error) {
    writer.Failure(item, error, out);
    return false;
  }
}

void BatchExtractor::Add(ExtractItem item) {
  bytes_ += item.text.size();
  for (const EntityMention& mention : item.mentions)
    bytes_ += sizeof(mention) + mention.type.size();
  items_.push_back(std::move(item));
  if (items_.size() >= capacity_ || bytes_ >= kMaxBatchBytes) Flush();
}

void BatchExtractor::Flush() {
  if (items_.empty()) return;
  const auto start = std::chrono::steady_clock::now();
  std::vector<const ExtractItem*> items;
  for (const ExtractItem& item : items_) items.push_back(&item);
  const std::vector<std::optional<Outcome>> outcomes = ExtractItems(extractor_, stages_, items);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  if (seconds.count() < kFastSeconds) capacity_ = std::min(capacity_ * 2, kMaxReports);
  if (seconds.count() > kSlowSeconds) capacity_ = std::max(capacity_ / 2, std::size_t{1});

  std::string out;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (!AppendOutcome(items_[i], outcomes[i], terms_, writer_, out)) some_failed_ = true;
  }
  written_ += items_.size();
  items_.clear();
  bytes_ = 0;
  output_.Write(out);
}

void BatchExtractor::Begin() {
  std::string out;
  writer_.Begin(out);
  output_.Write(out);
}

void BatchExtractor::End() {
  std::string out;
  writer_.End(out);
  output_.Write(out);
}

}  // namespace radie::tools
