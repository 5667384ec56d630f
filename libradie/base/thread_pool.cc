#include "libradie/base/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "libradie/base/float_environment.h"

namespace radie {
namespace {

void Pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

// The next loop of a layer follows within microseconds, and waking a sleeper costs as much. So a
// thread looks this many times (some 20 to 50 µs) before it sleeps; it never burns more than that.
constexpr int kLooks = 1000;

template <typename Condition>
bool BrieflyAwait(const Condition& condition) {
  for (int look = 0; look < kLooks; ++look) {
    if (condition()) return true;
    Pause();
  }
  return false;
}

using Body = ThreadPool::Body;

struct Loop {
  Loop(std::size_t count, const Body& what) : tasks(count), body(&what) {}

  const std::size_t tasks;
  const Body* const body;
  std::atomic<std::size_t> next{0};
  std::mutex error_mutex;
  std::exception_ptr error = nullptr;  // guarded by error_mutex

  void Work(std::size_t worker) {
    for (;;) {
      const std::size_t task = next.fetch_add(1, std::memory_order_relaxed);
      if (task >= tasks) return;
      try {
        (*body)(task, worker);
      } catch (...) {
        std::lock_guard lock(error_mutex);
        if (error == nullptr) error = std::current_exception();
        next.store(tasks, std::memory_order_relaxed);
      }
    }
  }
};

}  // namespace

// A worker takes part in a loop by raising active_ under the mutex while loop_ is set; For() unsets
// loop_ under the mutex and waits for active_ to fall to 0. So a worker that wakes late finds
// nothing, and the Loop on For()'s stack outlives everyone who saw it.
class ThreadPool::Impl {
 public:
  explicit Impl(std::size_t threads) {
    // Reserved first: with a thread already running, a vector that cannot grow would end the
    // program.
    const std::size_t all = threads == 0 ? AvailableThreads() : threads;
    const std::size_t wanted = std::min(all, kMaxThreads) - 1;
    workers_.reserve(wanted);
    try {
      for (std::size_t i = 0; i < wanted; ++i) {
        workers_.emplace_back([this, i] { Serve(i + 1); });
      }
    } catch (const std::exception&) {  // the system gives no more: work with those there are
    }
  }

  ~Impl() {
    {
      std::lock_guard lock(mutex_);
      stop_ = true;
      generation_.fetch_add(1, std::memory_order_release);
    }
    work_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }

  std::size_t threads() const { return workers_.size() + 1; }
  BufferPool& buffers() { return buffers_; }
  BufferPool& result_buffers() { return result_buffers_; }
  BufferPool& task_buffers() { return task_buffers_; }

  void For(std::size_t tasks, const Body& body) {
    if (workers_.empty()) {
      for (std::size_t task = 0; task < tasks; ++task) body(task, 0);
      return;
    }
    std::lock_guard one_caller(callers_);
    Loop loop(tasks, body);
    if (tasks > 1) Open(loop);
    loop.Work(0);
    if (tasks > 1) Close();
    if (loop.error != nullptr) std::rethrow_exception(loop.error);
  }

 private:
  void Open(Loop& loop) {
    bool anyone_sleeps = false;
    {
      std::lock_guard lock(mutex_);
      loop_ = &loop;
      generation_.fetch_add(1, std::memory_order_release);
      anyone_sleeps = sleepers_ > 0;
    }
    if (anyone_sleeps) work_.notify_all();
  }

  void Close() {
    {
      std::lock_guard lock(mutex_);
      loop_ = nullptr;
    }
    const auto idle = [this] { return active_.load(std::memory_order_acquire) == 0; };
    if (BrieflyAwait(idle)) return;
    std::unique_lock lock(mutex_);
    done_.wait(lock, idle);
  }

  void Serve(std::size_t worker) {
    const FloatEnvironment environment;
    std::uint64_t seen = 0;
    for (;;) {
      const auto changed = [&] { return generation_.load(std::memory_order_acquire) != seen; };
      BrieflyAwait(changed);
      std::unique_lock lock(mutex_);
      ++sleepers_;
      work_.wait(lock, changed);
      --sleepers_;
      seen = generation_.load(std::memory_order_acquire);
      if (stop_) return;
      Loop* const loop = loop_;
      if (loop == nullptr) continue;
      active_.fetch_add(1, std::memory_order_relaxed);
      lock.unlock();
      loop->Work(worker);
      lock.lock();
      const bool last = active_.fetch_sub(1, std::memory_order_release) == 1;
      lock.unlock();
      if (last) done_.notify_one();
    }
  }

  BufferPool buffers_, result_buffers_, task_buffers_;
  std::vector<std::thread> workers_;
  std::mutex callers_;  // held for a whole loop

  std::mutex mutex_;  // guards what follows; the atomics are also read without it
  std::condition_variable work_, done_;
  Loop* loop_ = nullptr;
  std::size_t sleepers_ = 0;
  bool stop_ = false;
  std::atomic<std::uint64_t> generation_{0};
  std::atomic<std::size_t> active_{0};
};

ThreadPool::ThreadPool(std::size_t threads) : impl_(std::make_unique<Impl>(threads)) {}
ThreadPool::~ThreadPool() = default;

std::size_t ThreadPool::threads() const { return impl_->threads(); }

BufferPool& ThreadPool::buffers() { return impl_->buffers(); }
BufferPool& ThreadPool::result_buffers() { return impl_->result_buffers(); }
BufferPool& ThreadPool::task_buffers() { return impl_->task_buffers(); }

void ThreadPool::For(std::size_t tasks, const Body& body) { impl_->For(tasks, body); }

}  // namespace radie
