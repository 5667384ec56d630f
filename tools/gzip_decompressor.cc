#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>
#include <string>

#include "radie/error.h"
#include "tools/compression.h"

namespace radie::tools {
namespace {

constexpr int kGzipOnly = 16 + MAX_WBITS;

class GzipDecompressor : public Decompressor {
 public:
  GzipDecompressor() {
    if (::inflateInit2(&stream_, kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~GzipDecompressor() override { ::inflateEnd(&stream_); }
  GzipDecompressor(const GzipDecompressor&) = delete;
  GzipDecompressor& operator=(const GzipDecompressor&) = delete;

  std::size_t Next(std::string_view& in, char* out, std::size_t size) override {
    std::size_t produced = 0;
    while (produced < size && trouble_.empty()) {
      if (between_members_) {
        SkipPadding(in);
        if (in.empty() || !trouble_.empty()) break;
        ::inflateReset(&stream_);
        between_members_ = false;
      }
      const std::size_t before = in.size();
      const std::size_t got = Inflate(in, out + produced, size - produced);
      produced += got;
      if (got == 0 && in.size() == before && !between_members_) break;
    }
    if (produced == 0 && !trouble_.empty()) throw Error(ErrorCode::kInvalidInput, trouble_);
    return produced;
  }

  bool MayEnd() const override { return between_members_; }

 private:
  // Tapes and block devices fill their last block up with zeros, behind which nothing may follow.
  void SkipPadding(std::string_view& in) {
    const std::size_t zeros = std::min(in.find_first_not_of('\0'), in.size());
    in.remove_prefix(zeros);
    padded_ = padded_ || zeros > 0;
    if (padded_ && !in.empty()) trouble_ = "damaged gzip data: more of them behind zeros";
  }

  // One call of zlib, which counts in 32 bits.
  std::size_t Inflate(std::string_view& in, char* out, std::size_t size) {
    constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
    const auto given = static_cast<uInt>(std::min(in.size(), kMost));
    const auto room = static_cast<uInt>(std::min(size, kMost));
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): zlib does not write to it
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = given;
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = room;
    const int result = ::inflate(&stream_, Z_NO_FLUSH);
    in.remove_prefix(given - stream_.avail_in);
    switch (result) {
      case Z_STREAM_END:
        between_members_ = true;
        break;
      case Z_OK:
      case Z_BUF_ERROR:  // no progress without more input
        break;
      case Z_MEM_ERROR:
        throw std::bad_alloc();
      default:  // zlib's words are of its own, never of the data
        trouble_ = std::string("damaged gzip data") +
                   (stream_.msg == nullptr ? "" : std::string(": ") + stream_.msg);
    }
    return room - stream_.avail_out;
  }

  z_stream stream_ = {};
  bool between_members_ = false;
  bool padded_ = false;
  std::string trouble_;  // to be told when all is out that came before it
};

}  // namespace

std::unique_ptr<Decompressor> MakeGzipDecompressor() {
  return std::make_unique<GzipDecompressor>();
}

}  // namespace radie::tools
