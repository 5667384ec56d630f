#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "radie/error.h"
#include "tools/compression.h"

namespace radie::tools {
namespace {

constexpr int kMaxWindowLog = 27;       // 128 MiB: all that zstd writes without --long=28 and above
constexpr std::size_t kFrameStart = 5;  // from so many bytes zstd knows how many make the header
constexpr std::size_t kBlockHeader = 3;

class ZstdDecompressor : public Decompressor {
 public:
  ZstdDecompressor() : stream_(::ZSTD_createDStream()) {
    if (stream_ == nullptr) throw std::bad_alloc();
    ::ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, kMaxWindowLog);
  }
  ~ZstdDecompressor() override { ::ZSTD_freeDStream(stream_); }
  ZstdDecompressor(const ZstdDecompressor&) = delete;
  ZstdDecompressor& operator=(const ZstdDecompressor&) = delete;

  std::size_t Next(std::string_view& in, char* out, std::size_t size) override {
    ZSTD_outBuffer output = {out, size, 0};
    while (output.pos < size && !failure_ && !(between_frames_ && in.empty())) {
      const std::size_t before = output.pos;
      // Block by block, each without the header of the next, so that trouble is told with its
      // place; and what the last block has left by itself: nothing comes out of a call that fails.
      const bool draining = std::exchange(may_have_left_, false) && !between_frames_;
      ZSTD_inBuffer input = {in.data(), draining ? 0 : std::min(in.size(), wanted_), 0};
      const std::size_t result = ::ZSTD_decompressStream(stream_, &output, &input);
      in.remove_prefix(input.pos);
      if (::ZSTD_isError(result)) {
        failure_ = result;
        break;
      }
      may_have_left_ = output.pos == size;
      between_frames_ = result == 0;
      // With a block zstd asks for the next one's header.
      wanted_ = between_frames_         ? kFrameStart
                : result > kBlockHeader ? result - kBlockHeader
                                        : result;
      if (!draining && input.pos == 0 && output.pos == before) break;
    }
    if (output.pos == 0 && failure_) Fail(*failure_);
    return output.pos;
  }

  bool MayEnd() const override { return between_frames_; }

 private:
  [[noreturn]] static void Fail(std::size_t result) {
    switch (::ZSTD_getErrorCode(result)) {
      case ZSTD_error_memory_allocation:
        throw std::bad_alloc();
      case ZSTD_error_frameParameter_windowTooLarge:
        throw Error(ErrorCode::kLimitExceeded, "zstd data with a window of more than 128 MiB");
      default:
        throw Error(ErrorCode::kInvalidInput,
                    std::string("damaged zstd data: ") + ::ZSTD_getErrorName(result));
    }
  }

  ZSTD_DStream* stream_;
  std::size_t wanted_ = kFrameStart;  // bytes of the next piece
  bool between_frames_ = false;
  bool may_have_left_ = false;          // the last call filled all that it was given
  std::optional<std::size_t> failure_;  // to be told when all is out that came before it
};

}  // namespace

std::unique_ptr<Decompressor> MakeZstdDecompressor() {
  return std::make_unique<ZstdDecompressor>();
}

}  // namespace radie::tools
