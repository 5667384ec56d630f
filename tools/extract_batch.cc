#include "tools/extract_batch.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace radie::tools {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxReports = 256;
constexpr double kFastSeconds = 0.3;
constexpr double kSlowSeconds = 1.0;

}  // namespace

void BatchExtractor::Add(ExtractItem item) {
  bytes_ += item.text.size();
  for (const EntityMention& mention : item.mentions)
    bytes_ += sizeof(mention) + mention.type.size();
  items_.push_back(std::move(item));
  if (items_.size() >= capacity_ || bytes_ >= kMaxBytes) Flush();
}

void BatchExtractor::Flush() {
  if (items_.empty()) return;
  const auto start = std::chrono::steady_clock::now();
  const std::vector<std::optional<Outcome>> outcomes = Extract();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  if (seconds.count() < kFastSeconds) capacity_ = std::min(capacity_ * 2, kMaxReports);
  if (seconds.count() > kSlowSeconds) capacity_ = std::max(capacity_ / 2, std::size_t{1});

  std::string out;
  for (std::size_t i = 0; i < items_.size(); ++i) Append(items_[i], outcomes[i], out);
  written_ += items_.size();
  items_.clear();
  bytes_ = 0;
  output_.Write(out);
}

std::vector<std::optional<Outcome>> BatchExtractor::Extract() const {
  std::vector<Request> requests;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const ExtractItem& item = items_[i];
    if (item.error) continue;
    Request request;
    request.text = item.text;
    request.stages = stages_;
    request.entities = item.mentions;
    request.unit = item.unit;
    requests.push_back(request);
    places.push_back(i);
  }
  std::vector<std::optional<Outcome>> outcomes(items_.size());
  std::vector<Outcome> results = extractor_.Run(requests);
  for (std::size_t i = 0; i < places.size(); ++i) outcomes[places[i]] = std::move(results[i]);
  return outcomes;
}

// A report that the format cannot hold has failed like one that could not be extracted.
void BatchExtractor::Append(const ExtractItem& item, const std::optional<Outcome>& outcome,
                            std::string& out) {
  try {
    if (!outcome) throw Error(*item.error);
    if (terms_ == nullptr && item.warnings.empty()) {
      writer_.Result(item, outcome->report(), out);
      return;
    }
    StructuredReport report = outcome->report();
    report.warnings.insert(report.warnings.begin(), item.warnings.begin(), item.warnings.end());
    if (terms_ != nullptr) AttachCodes(*terms_, report);
    writer_.Result(item, report, out);
  } catch (const Error& error) {
    some_failed_ = true;
    writer_.Failure(item, error, out);
  }
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
