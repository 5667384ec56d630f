// A small fixed pool for data-parallel loops. Idle workers sleep: an embedded library must not burn
// its host's cores.
#pragma once

#include <cstddef>
#include <memory>

#include "libradie/base/buffer_pool.h"

namespace radie {

// How many threads this process may use, at least 1. Linux: the smaller of CPU affinity and the
// cgroup's CPU quota (rounded up). Windows: the processors of the process's affinity mask, which
// are those of one processor group. available_threads_linux.cc and available_threads_windows.cc.
std::size_t AvailableThreads();

// Thread-safe. Loops of different callers run one after the other; in a pool of one thread, which
// has nothing to share, each runs at once on its own caller.
class ThreadPool {
 public:
  static constexpr std::size_t kMaxThreads = 1024;

  // `threads` counts the calling thread; 1 starts none; 0 is AvailableThreads(); more than
  // kMaxThreads count as that many. When the system gives fewer threads, the pool works with those.
  explicit ThreadPool(std::size_t threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  std::size_t threads() const;

  // Working memory of those who run loops here, of what they hand on, and of a loop's tasks; a pool
  // each, because a pool gives its largest buffer first, so that all of its buffers grow alike.
  // They go with this.
  BufferPool& buffers();
  BufferPool& result_buffers();
  BufferPool& task_buffers();

  // What a loop calls. Refers to a callable and does not own it, so that a loop allocates nothing.
  class Body {
   public:
    template <typename Callable>
    // NOLINTNEXTLINE(google-explicit-constructor): lambdas are passed as they stand
    Body(const Callable& callable)
        : callable_(&callable), call_([](const void* c, std::size_t task, std::size_t worker) {
            (*static_cast<const Callable*>(c))(task, worker);
          }) {}
    void operator()(std::size_t task, std::size_t worker) const { call_(callable_, task, worker); }

   private:
    const void* callable_;
    void (*call_)(const void* callable, std::size_t task, std::size_t worker);
  };

  // Calls body(task, worker) once for each task in [0, tasks), on the calling thread and the
  // workers, in no set order; worker < threads() names the thread, so that it can own scratch
  // space. Returns when all are done. The first exception thrown by a task is rethrown here after
  // the others have ended; tasks not yet begun are then skipped. Must not be called from inside a
  // task.
  void For(std::size_t tasks, const Body& body);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// body(begin, end) over ranges that together are [0, count), each of so many elements that waking a
// thread for it pays.
template <typename Body>
void ForPieces(ThreadPool& pool, std::size_t count, const Body& body) {
  constexpr std::size_t kPiece = std::size_t{1} << 17;
  pool.For((count + kPiece - 1) / kPiece, [&](std::size_t piece, std::size_t) {
    const std::size_t begin = piece * kPiece;
    body(begin, begin + kPiece < count ? begin + kPiece : count);
  });
}

}  // namespace radie
