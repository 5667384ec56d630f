// What was computed for a sequence, kept for the next time the same one is met: radiology repeats
// itself across reports. A result depends on its sequence alone, so one that is found here has the
// bits that computing it again would give.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "libradie/base/aligned_buffer.h"
#include "libradie/kernels/matrix_view.h"
#include "libradie/nn/tensor.h"

namespace radie::internal {

// Thread-safe. Entries lie one behind the other in one block, round and round, so that a process
// that lives for years takes no more memory than it did when the block was first full: entries of
// their own would leave holes in the heap. When there is no room the oldest goes, unless it was
// asked for since it was written: then it is written once more, as the newest.
class ResultCache {
 public:
  // All that a result depends on, and nothing that two different questions share: KeyWriter. Keys
  // are compared in full; a hash only finds them.
  using Key = std::vector<std::int32_t>;

  // The block and an estimate of what the index takes stay within `max_bytes`; the block is taken
  // with the first entry. 0: it keeps nothing.
  explicit ResultCache(std::size_t max_bytes);
  ResultCache(const ResultCache&) = delete;
  ResultCache& operator=(const ResultCache&) = delete;

  // Callers may leave out making keys where nothing is kept.
  bool enabled() const { return capacity_ > 0; }

  // A copy; nothing when it is not there. Throws std::bad_alloc.
  std::optional<Tensor> Find(const Key& key);

  // Keeps a copy, unless there is one, it is larger than all of the block, or memory is short.
  void Insert(const Key& key, ConstMatrixView result);

  // What the entries take, in the block and in the index.
  std::size_t bytes() const;

  // How often Find() has found something.
  std::size_t hits() const;

 private:
  // Stands in the block before an entry's key and its rows, which are end to end.
  struct Header {
    std::uint64_t hash;
    std::size_t key_size, rows, cols;
    bool asked;  // since it was written

    std::size_t bytes() const;  // of the whole entry
  };

  Header ReadHeader(std::size_t entry) const;
  void WriteHeader(std::size_t entry, const Header& header);
  // The entry with this key, whose hash it is.
  std::optional<std::size_t> EntryOf(const Key& key, std::uint64_t hash) const;
  // Where an entry of so many bytes can be written now.
  std::optional<std::size_t> Room(std::size_t bytes) const;
  // The same, after as many as need be have gone. `bytes` is at most capacity_.
  std::size_t MakeRoom(std::size_t bytes);
  void DropOldest();
  // Makes what was written at `place` the newest entry; throws std::bad_alloc, and then it is not.
  void Append(std::size_t place, const Header& header);

  const std::size_t capacity_, most_entries_;  // of the block, in bytes; of the index
  mutable std::mutex mutex_;                   // guards what follows
  AlignedBuffer block_;
  std::deque<std::size_t> order_;                         // where entries begin, the oldest first
  std::size_t end_ = 0;                                   // behind the newest
  std::unordered_map<std::uint64_t, std::size_t> index_;  // by hash; the newest of equal ones
  std::size_t used_ = 0, hits_ = 0;                       // bytes of entries in the block
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
