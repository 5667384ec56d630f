// What was computed for a sequence, kept for the next time the same one is met: radiology repeats
// itself across reports. A result depends on its sequence alone, so one that is found here has the
// bits that computing it again would give.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "libradie/nn/tensor.h"

namespace radie::internal {

// Thread-safe. When it is full, what was not asked for longest goes.
class ResultCache {
 public:
  // All that a result depends on, and nothing that two different questions share: KeyWriter. Keys
  // are compared in full; a hash only finds them.
  using Key = std::vector<std::int32_t>;

  // Keys, results and an estimate of what the tables take for them stay within `max_bytes`. 0: it
  // keeps nothing.
  explicit ResultCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}
  ResultCache(const ResultCache&) = delete;
  ResultCache& operator=(const ResultCache&) = delete;

  // Callers may leave out making keys where nothing is kept.
  bool enabled() const { return max_bytes_ > 0; }

  // nullptr when it is not there.
  std::shared_ptr<const Tensor> Find(const Key& key);

  // Keeps it, unless it is there, is larger than all of the cache, or memory is short.
  void Insert(Key key, std::shared_ptr<const Tensor> result);

  std::size_t bytes() const;

  // How often Find() has found something.
  std::size_t hits() const;

 private:
  struct Entry {
    const Key* key;  // in entries_
    std::shared_ptr<const Tensor> result;
    std::size_t bytes;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };
  using Order = std::list<Entry>;

  void DropLast();

  const std::size_t max_bytes_;
  mutable std::mutex mutex_;  // guards what follows
  std::size_t bytes_ = 0, hits_ = 0;
  Order order_;  // asked for last comes first
  std::unordered_map<Key, Order::iterator, Hash> entries_;
};

// Writes a key as a list of lists, each led by its length.
class KeyWriter {
 public:
  // `kind` tells apart keys that are not made alike.
  explicit KeyWriter(std::int32_t kind) : key_{kind} {}

  template <typename T>
  KeyWriter& Add(std::span<const T> values) {
    key_.push_back(static_cast<std::int32_t>(values.size()));
    for (const T& value : values) key_.push_back(static_cast<std::int32_t>(value));
    return *this;
  }

  ResultCache::Key Take() { return std::move(key_); }

 private:
  ResultCache::Key key_;
};

}  // namespace radie::internal
