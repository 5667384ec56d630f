#include "tests/extract/failing_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <new>

#include "radie/error.h"

namespace {

std::atomic<bool> g_armed{false};
std::atomic<long> g_first{0}, g_count{0};  // which fail
std::atomic<long> g_made{0}, g_failed{0}, g_alive{0};

bool Fails() {
  if (!g_armed.load(std::memory_order_relaxed)) return false;
  const long number = g_made.fetch_add(1);
  if (number < g_first || number - g_first >= g_count) return false;
  g_failed.fetch_add(1);
  return true;
}

void* Counted(void* block) {
  if (block != nullptr) g_alive.fetch_add(1);
  return block;
}

}  // namespace

#if defined(RADIE_SANITIZED)

namespace {

void* Allocated(std::size_t bytes) { return Fails() ? nullptr : Counted(std::malloc(bytes)); }

void* AllocatedOrThrown(std::size_t bytes) {
  void* const block = Allocated(bytes);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

void Freed(void* block) noexcept {
  if (block != nullptr) g_alive.fetch_sub(1);
  std::free(block);
}

}  // namespace

void* operator new(std::size_t bytes) { return AllocatedOrThrown(bytes); }
void* operator new[](std::size_t bytes) { return AllocatedOrThrown(bytes); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return Allocated(bytes); }
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept { return Allocated(bytes); }
void operator delete(void* block) noexcept { Freed(block); }
void operator delete[](void* block) noexcept { Freed(block); }
void operator delete(void* block, std::size_t) noexcept { Freed(block); }
void operator delete[](void* block, std::size_t) noexcept { Freed(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { Freed(block); }
void operator delete[](void* block, const std::nothrow_t&) noexcept { Freed(block); }

#else

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);
}

#pragma GCC visibility push(default)  // the C++ library's operator new must find them

extern "C" void* malloc(std::size_t bytes) {
  return Fails() ? nullptr : Counted(__libc_malloc(bytes));
}
extern "C" void* calloc(std::size_t count, std::size_t bytes) {
  return Fails() ? nullptr : Counted(__libc_calloc(count, bytes));
}
extern "C" void* realloc(void* block, std::size_t bytes) {
  if (bytes > 0 && Fails()) return nullptr;
  void* const moved = __libc_realloc(block, bytes);
  if (block == nullptr) return Counted(moved);
  if (bytes == 0) g_alive.fetch_sub(1);
  return moved;
}
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
  return Fails() ? nullptr : Counted(__libc_memalign(alignment, bytes));
}
extern "C" int posix_memalign(void** to, std::size_t alignment, std::size_t bytes) {
  if (Fails()) return ENOMEM;
  *to = Counted(__libc_memalign(alignment, bytes));
  return *to == nullptr ? ENOMEM : 0;
}
extern "C" void free(void* block) {
  if (block != nullptr) g_alive.fetch_sub(1);
  __libc_free(block);
}

#pragma GCC visibility pop

#endif

namespace radie::testing {

Trial Try(const std::function<void()>& call, Failing failing) {
  g_first = failing.first;
  g_count = failing.count;
  g_failed = 0;
  g_made = 0;
  Trial trial;
  g_armed = true;
  try {
    call();
  } catch (const std::bad_alloc&) {
    trial.ending = Ending::kTold;
  } catch (const Error& error) {
    const bool told = error.code() == ErrorCode::kOutOfMemory;
    trial.ending = told ? Ending::kTold : Ending::kUntold;
    trial.thrown = ErrorCodeName(error.code());
  } catch (...) {
    trial.ending = Ending::kUntold;
    trial.thrown = "no Error";
  }
  g_armed = false;
  trial.failed = g_failed;
  trial.made = g_made;
  return trial;
}

long LiveBlocks() { return g_alive; }

void FailEach(const std::function<void()>& call, const std::function<void()>& after, Steps steps) {
  call();
  after();
  const long made = Try(call, kNone).made;
  after();
  ASSERT_GE(made, steps.least) << "hardly anything was made to fail";
  const long half = steps.most / kSlow / 2;
  const long stride = std::max(1L, (made - half) / half);
  for (long n = 0;; n += n < half ? 1 : stride) {
    const long alive = LiveBlocks();
    const Trial trial = Try(call, {n, steps.count});
    after();
    ASSERT_NE(trial.ending, Ending::kUntold) << "allocation " << n << ": " << trial.thrown;
    if (!steps.blocks_stay) {
      ASSERT_EQ(LiveBlocks() - alive, 0) << "leaked at allocation " << n;
    }
    if (::testing::Test::HasFatalFailure()) return;
    if (trial.failed > 0) continue;
    ASSERT_EQ(trial.ending, Ending::kDone);
    ASSERT_GE(n, std::min(made, half)) << "the call makes fewer allocations now than before";
    return;
  }
}

std::string NameOfCount(const ::testing::TestParamInfo<long>& info) {
  if (info.param == kAll) return "AndAllThatFollow";
  return info.param == kTwo ? "AndTheNext" : "ByItself";
}

}  // namespace radie::testing
