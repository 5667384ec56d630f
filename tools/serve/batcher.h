// Reports of many requests, extracted together.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "radie/extractor.h"
#include "tools/extract_item.h"
#include "tools/serve/metrics.h"

namespace radie::tools::serve {

// Some reports of one request on their way through the extractor. Whoever submitted it owns the
// items again when Wait() has returned.
class Job {
 public:
  explicit Job(std::vector<ExtractItem> items)
      : items_(std::move(items)), done_(finished_.get_future()) {}

  void Wait() { done_.wait(); }

  // After Wait().
  const std::vector<ExtractItem>& items() const { return items_; }
  const std::vector<std::optional<Outcome>>& outcomes() const { return outcomes_; }  // as items
  double queue_seconds() const { return queue_seconds_; }

 private:
  friend class Batcher;
  std::vector<ExtractItem> items_;
  bool follows_ = false;  // Submit() made it
  std::vector<std::optional<Outcome>> outcomes_;
  double queue_seconds_ = 0;
  const std::chrono::steady_clock::time_point queued_ = std::chrono::steady_clock::now();
  std::promise<void> finished_;
  std::future<void> done_;
};

// One thread takes what waits, whoever sent it, as one call of the extractor, so that its cores
// have much to do at once; the extractor promises the same bits as alone. Thread-safe.
class Batcher {
 public:
  // All must outlive this. At most `queue_reports` reports wait.
  Batcher(const Extractor& extractor, std::size_t queue_reports, Metrics& metrics);

  // Ends when everything that was submitted is done.
  ~Batcher();
  Batcher(const Batcher&) = delete;
  Batcher& operator=(const Batcher&) = delete;

  // The most reports of a request that one job should have: half of the queue holds it.
  std::size_t portion() const;

  // Null when there is no room in the queue (an empty queue takes any job).
  std::shared_ptr<Job> TrySubmit(std::vector<ExtractItem> items);

  // For what follows of a request that was let in. It joins the queue in its turn, as soon as there
  // is room: long requests take at most half of the queue, so that there is room for new ones, and
  // new ones leave free what the next turn needs.
  std::shared_ptr<Job> Submit(std::vector<ExtractItem> items);

 private:
  bool FitsHalf(const Job& following) const;
  void Enqueue(const std::shared_ptr<Job>& job);
  void EnqueueFollowing();                   // as far as there is room
  std::vector<std::shared_ptr<Job>> Take();  // empty: the end
  void Run();
  void Extract(const std::vector<std::shared_ptr<Job>>& jobs);

  const Extractor& extractor_;
  const std::size_t queue_reports_;
  Metrics& metrics_;
  std::mutex mutex_;
  std::condition_variable some_;
  std::deque<std::shared_ptr<Job>> jobs_;       // the queue
  std::deque<std::shared_ptr<Job>> following_;  // of Submit(), not in the queue yet
  std::size_t waiting_ = 0;                     // reports in jobs_
  std::size_t waiting_following_ = 0;           // those of them that Submit() brought
  bool ending_ = false;
  std::size_t capacity_ = 8;  // reports in a call
  std::thread thread_;        // last: it uses all of the above
};

}  // namespace radie::tools::serve
