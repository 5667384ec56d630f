#include "libradie/extract/result_cache.h"

#include <cstring>
#include <new>

namespace radie::internal {
namespace {

// A node of the map, a bucket and a place in the order, with what the allocator adds to each.
constexpr std::size_t kIndexBytes = 80;

// The index may take this part of all of it: entries are some hundreds of bytes and more.
constexpr std::size_t kIndexShare = 8;

std::uint64_t HashOf(const ResultCache::Key& key) {
  std::uint64_t hash = 14695981039346656037ull;  // FNV-1a over whole values
  for (const std::int32_t value : key) {
    hash = (hash ^ static_cast<std::uint32_t>(value)) * 1099511628211ull;
  }
  return hash ^ (hash >> 32);
}

}  // namespace

std::size_t ResultCache::Header::bytes() const {
  const std::size_t plain =
      sizeof(Header) + key_size * sizeof(std::int32_t) + rows * cols * sizeof(float);
  return (plain + alignof(Header) - 1) / alignof(Header) * alignof(Header);
}

ResultCache::ResultCache(std::size_t max_bytes)
    : capacity_(max_bytes - max_bytes / kIndexShare),
      most_entries_(max_bytes / kIndexShare / kIndexBytes) {}

std::optional<Tensor> ResultCache::Find(const Key& key) {
  const std::uint64_t hash = HashOf(key);
  std::lock_guard lock(mutex_);
  const std::optional<std::size_t> entry = EntryOf(key, hash);
  if (!entry) return std::nullopt;
  Header header = ReadHeader(*entry);
  Tensor result(header.rows, header.cols);
  const std::byte* const values = static_cast<const std::byte*>(block_.data()) + *entry +
                                  sizeof(Header) + header.key_size * sizeof(std::int32_t);
  const std::size_t bytes = header.rows * header.cols * sizeof(float);
  if (bytes > 0) std::memcpy(result.view().data, values, bytes);
  ++hits_;
  header.asked = true;
  WriteHeader(*entry, header);
  return result;
}

void ResultCache::Insert(const Key& key, ConstMatrixView result) {
  const Header header{HashOf(key), key.size(), result.rows, result.cols, false};
  std::lock_guard lock(mutex_);
  if (header.bytes() > capacity_ || most_entries_ == 0 || EntryOf(key, header.hash)) return;
  try {
    if (block_.data() == nullptr) {
      block_ = AlignedBuffer(capacity_, AlignedBuffer::Content::kAnything);
    }
    const std::size_t place = MakeRoom(header.bytes());
    WriteHeader(place, header);
    std::byte* to = static_cast<std::byte*>(block_.data()) + place + sizeof(Header);
    std::memcpy(to, key.data(), key.size() * sizeof(key[0]));
    to += key.size() * sizeof(key[0]);
    for (std::size_t row = 0; row < result.rows; ++row, to += result.cols * sizeof(float)) {
      std::memcpy(to, result.row(row), result.cols * sizeof(float));
    }
    Append(place, header);
  } catch (const std::bad_alloc&) {  // whoever computed it has it all the same
  }
}

std::size_t ResultCache::bytes() const {
  std::lock_guard lock(mutex_);
  return used_ + order_.size() * kIndexBytes;
}

std::size_t ResultCache::hits() const {
  std::lock_guard lock(mutex_);
  return hits_;
}

ResultCache::Header ResultCache::ReadHeader(std::size_t entry) const {
  Header header;
  std::memcpy(&header, static_cast<const std::byte*>(block_.data()) + entry, sizeof(header));
  return header;
}

void ResultCache::WriteHeader(std::size_t entry, const Header& header) {
  std::memcpy(static_cast<std::byte*>(block_.data()) + entry, &header, sizeof(header));
}

std::optional<std::size_t> ResultCache::EntryOf(const Key& key, std::uint64_t hash) const {
  const auto found = index_.find(hash);
  if (found == index_.end()) return std::nullopt;
  const std::size_t entry = found->second;
  const std::byte* const own = static_cast<const std::byte*>(block_.data()) + entry;
  const bool same = ReadHeader(entry).key_size == key.size() &&
                    std::memcmp(own + sizeof(Header), key.data(), key.size() * sizeof(key[0])) == 0;
  return same ? std::optional(entry) : std::nullopt;
}

// The entries are [first, end_), or, once round, [first, …) and [0, end_) with a gap at the end of
// the block and one between end_ and first.
std::optional<std::size_t> ResultCache::Room(std::size_t bytes) const {
  if (order_.empty()) return 0;
  const std::size_t first = order_.front();
  if (end_ > first) {
    if (capacity_ - end_ >= bytes) return end_;
    return first >= bytes ? std::optional<std::size_t>(0) : std::nullopt;
  }
  return first - end_ >= bytes ? std::optional(end_) : std::nullopt;
}

std::size_t ResultCache::MakeRoom(std::size_t bytes) {
  for (;;) {
    const std::optional<std::size_t> room = Room(bytes);
    if (room && order_.size() < most_entries_) return *room;
    const std::size_t oldest = order_.front();
    Header header = ReadHeader(oldest);
    DropOldest();
    if (!header.asked) continue;
    // An entry that was asked for goes round once and is then like others, so this ends.
    const std::optional<std::size_t> again = Room(header.bytes());
    if (!again) continue;
    std::byte* const block = static_cast<std::byte*>(block_.data());
    std::memmove(block + *again, block + oldest, header.bytes());
    header.asked = false;
    WriteHeader(*again, header);
    Append(*again, header);
  }
}

void ResultCache::DropOldest() {
  const std::size_t entry = order_.front();
  const Header header = ReadHeader(entry);
  const auto found = index_.find(header.hash);
  if (found != index_.end() && found->second == entry) index_.erase(found);
  used_ -= header.bytes();
  order_.pop_front();
}

void ResultCache::Append(std::size_t place, const Header& header) {
  order_.push_back(place);
  try {
    index_.insert_or_assign(header.hash, place);
  } catch (...) {
    order_.pop_back();
    throw;
  }
  used_ += header.bytes();
  end_ = place + header.bytes();
}

}  // namespace radie::internal
