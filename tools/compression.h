// Compressed input: what it is called, how it begins, and plain bytes out of it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

namespace radie::tools {

enum class Compression { kNone, kGzip, kZstd };

// "gzip", "zstd", "no"
const char* CompressionName(Compression compression);

// By the extension: .gz, .zst.
Compression CompressionOfName(const std::filesystem::path& path);

// The name of what is inside: "a.jsonl" of "a.jsonl.gz". Other names as they are.
std::filesystem::path NameInside(const std::filesystem::path& path);

// By the first bytes; nothing while more of them are needed to tell.
std::optional<Compression> CompressionOfContent(std::string_view start, bool at_end);

// One stream of compressed data: members or frames behind one another are read as one. Memory is
// bounded whatever the data say (128 MiB for zstd's longest window); the output is not: whoever
// reads it has a cap.
class Decompressor {
 public:
  virtual ~Decompressor() = default;

  // Takes bytes off the front of `in` and puts at most `size` plain ones at `out`; returns how
  // many. Fewer than `size` means that it needs more input, or that the next call throws: of
  // damaged data all comes out that was unpacked before the damage was noticed. Throws
  // Error(kInvalidInput) for damaged data and Error(kLimitExceeded) for a window that is too large;
  // `in` then begins where it was noticed.
  virtual std::size_t Next(std::string_view& in, char* out, std::size_t size) = 0;

  // Whether the data may end here: behind a whole member or frame.
  virtual bool MayEnd() const = 0;
};

// Not for kNone. Throws Error(kInvalidArgument) in a build without RADIE_WITH_COMPRESSION.
std::unique_ptr<Decompressor> MakeDecompressor(Compression compression);

// In builds with RADIE_WITH_COMPRESSION.
std::unique_ptr<Decompressor> MakeGzipDecompressor();
std::unique_ptr<Decompressor> MakeZstdDecompressor();

}  // namespace radie::tools
