#include "tools/serve/batcher.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <new>
#include <utility>

#include "tools/extract_batch.h"

namespace radie::tools::serve {
namespace {

// A call that lasts longer makes whoever comes meanwhile wait; one that is shorter does not fill
// the cores.
constexpr double kFastSeconds = 0.15;
constexpr double kSlowSeconds = 0.5;
constexpr std::size_t kMaxReports = 256;
constexpr std::size_t kMaxPortion = 16;
constexpr std::size_t kMaxBytes = std::size_t{1} << 20;

std::size_t BytesOf(const Job& job) {
  std::size_t bytes = 0;
  for (const ExtractItem& item : job.items()) bytes += item.text.size();
  return bytes;
}

}  // namespace

Batcher::Batcher(const Extractor& extractor, std::size_t queue_reports, Metrics& metrics)
    : extractor_(extractor),
      queue_reports_(queue_reports),
      metrics_(metrics),
      thread_([this] { Run(); }) {}

Batcher::~Batcher() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  some_.notify_all();
  thread_.join();
}

std::size_t Batcher::portion() const {
  return std::clamp(queue_reports_ / 2, std::size_t{1}, kMaxPortion);
}

bool Batcher::FitsHalf(const Job& following) const {
  return waiting_following_ + following.items_.size() <= queue_reports_ / 2;
}

void Batcher::Enqueue(const std::shared_ptr<Job>& job) {
  jobs_.push_back(job);
  waiting_ += job->items_.size();
  if (job->follows_) waiting_following_ += job->items_.size();
  metrics_.queued = static_cast<std::int64_t>(waiting_);
  some_.notify_one();
}

// An empty queue takes any job: nothing would make room for it later.
void Batcher::EnqueueFollowing() {
  while (!following_.empty()) {
    const Job& next = *following_.front();
    const bool room = FitsHalf(next) && waiting_ + next.items_.size() <= queue_reports_;
    if (!room && !jobs_.empty()) return;
    Enqueue(following_.front());
    following_.pop_front();
  }
}

std::shared_ptr<Job> Batcher::TrySubmit(std::vector<ExtractItem> items) {
  auto job = std::make_shared<Job>(std::move(items));
  const std::lock_guard lock(mutex_);
  // Otherwise new reports would fill every place that comes free.
  const bool reserved = !following_.empty() && FitsHalf(*following_.front());
  const std::size_t taken = waiting_ + (reserved ? following_.front()->items_.size() : 0);
  if (!jobs_.empty() && taken + job->items_.size() > queue_reports_) return nullptr;
  Enqueue(job);
  return job;
}

std::shared_ptr<Job> Batcher::Submit(std::vector<ExtractItem> items) {
  auto job = std::make_shared<Job>(std::move(items));
  job->follows_ = true;
  const std::lock_guard lock(mutex_);
  following_.push_back(job);
  EnqueueFollowing();
  return job;
}

std::vector<std::shared_ptr<Job>> Batcher::Take() {
  std::unique_lock lock(mutex_);
  some_.wait(lock, [&] { return ending_ || !jobs_.empty(); });
  std::vector<std::shared_ptr<Job>> taken;
  std::size_t reports = 0, bytes = 0;
  while (!jobs_.empty()) {
    const Job& next = *jobs_.front();
    const std::size_t more = BytesOf(next);
    const bool fits = reports + next.items_.size() <= capacity_ && bytes + more <= kMaxBytes;
    if (!taken.empty() && !fits) break;
    reports += next.items_.size();
    bytes += more;
    if (next.follows_) waiting_following_ -= next.items_.size();
    taken.push_back(std::move(jobs_.front()));
    jobs_.pop_front();
  }
  waiting_ -= reports;
  metrics_.queued = static_cast<std::int64_t>(waiting_);
  EnqueueFollowing();
  return taken;
}

void Batcher::Run() {
  for (;;) {
    const std::vector<std::shared_ptr<Job>> jobs = Take();
    if (jobs.empty()) return;
    const auto start = std::chrono::steady_clock::now();
    Extract(jobs);
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::size_t reports = 0;
    for (const auto& job : jobs) {
      reports += job->items_.size();
      job->queue_seconds_ = std::chrono::duration<double>(start - job->queued_).count();
    }
    metrics_.Batch(reports, seconds);
    for (const auto& job : jobs) job->finished_.set_value();
    if (seconds < kFastSeconds && reports * 2 > capacity_)
      capacity_ = std::min(capacity_ * 2, kMaxReports);
    if (seconds > kSlowSeconds) capacity_ = std::max(capacity_ / 2, std::size_t{1});
  }
}

// Whatever happens, every item has an outcome afterwards: somebody waits for it.
void Batcher::Extract(const std::vector<std::shared_ptr<Job>>& jobs) {
  std::vector<const ExtractItem*> items;
  std::vector<std::optional<Outcome>> outcomes;
  std::optional<Error> failed;
  try {
    for (const auto& job : jobs) {
      for (const ExtractItem& item : job->items_) items.push_back(&item);
    }
    outcomes = ExtractItems(extractor_, Request::Stages::kBoth, items);
  } catch (const std::bad_alloc&) {
    failed = Error(ErrorCode::kOutOfMemory, "out of memory");
  } catch (const std::exception&) {
    failed = Error(ErrorCode::kInternal, "the extractor failed");
  }
  std::size_t place = 0;
  for (const auto& job : jobs) {
    for (std::size_t i = 0; i < job->items_.size(); ++i, ++place) {
      if (failed && !job->items_[i].error) {
        job->outcomes_.emplace_back(*failed);
      } else {
        job->outcomes_.push_back(failed ? std::nullopt : std::move(outcomes[place]));
      }
    }
  }
}

}  // namespace radie::tools::serve
