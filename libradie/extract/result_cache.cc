#include "libradie/extract/result_cache.h"

#include <new>
#include <utility>

namespace radie::internal {
namespace {

// A list's and a map's node, a tensor and its counter, a bucket, and what the allocator adds to
// each.
constexpr std::size_t kBytesAnEntry = 384;

std::size_t BytesOf(const ResultCache::Key& key, const Tensor& result) {
  return key.size() * sizeof(key[0]) + result.rows() * result.cols() * sizeof(float) +
         kBytesAnEntry;
}

}  // namespace

std::size_t ResultCache::Hash::operator()(const Key& key) const {
  std::uint64_t hash = 14695981039346656037ull;  // FNV-1a over whole values
  for (const std::int32_t value : key) {
    hash = (hash ^ static_cast<std::uint32_t>(value)) * 1099511628211ull;
  }
  return static_cast<std::size_t>(hash ^ (hash >> 32));
}

std::shared_ptr<const Tensor> ResultCache::Find(const Key& key) {
  std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return nullptr;
  ++hits_;
  order_.splice(order_.begin(), order_, found->second);
  return found->second->result;
}

void ResultCache::Insert(Key key, std::shared_ptr<const Tensor> result) {
  const std::size_t bytes = BytesOf(key, *result);
  if (bytes > max_bytes_) return;
  std::lock_guard lock(mutex_);
  try {
    const auto [place, inserted] = entries_.try_emplace(std::move(key), order_.end());
    if (!inserted) return;
    try {
      order_.push_front({&place->first, std::move(result), bytes});
    } catch (...) {
      entries_.erase(place);
      throw;
    }
    place->second = order_.begin();
  } catch (const std::bad_alloc&) {
    return;  // whoever computed it has it all the same
  }
  bytes_ += bytes;
  while (bytes_ > max_bytes_) DropLast();
}

std::size_t ResultCache::bytes() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

std::size_t ResultCache::hits() const {
  std::lock_guard lock(mutex_);
  return hits_;
}

void ResultCache::DropLast() {
  const Entry& last = order_.back();
  bytes_ -= last.bytes;
  entries_.erase(entries_.find(*last.key));
  order_.pop_back();
}

}  // namespace radie::internal
