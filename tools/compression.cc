#include "tools/compression.h"

#include <algorithm>
#include <string>

#include "radie/error.h"

namespace radie::tools {
namespace {

// RFC 1952 and RFC 8878. No text begins so: neither is UTF-8, and of the other encodings' texts
// none has a control or a lone byte there.
constexpr std::string_view kGzipStart = "\x1F\x8B\x08";
constexpr std::string_view kZstdStart = "\x28\xB5\x2F\xFD";
// A skippable frame, which may come first: 50 to 5F, then these.
constexpr std::string_view kSkippableRest = "\x2A\x4D\x18";

// Whether `start` is, or can still become, one that begins with `magic`.
bool Agrees(std::string_view start, std::string_view magic) {
  const std::size_t known = std::min(start.size(), magic.size());
  return start.substr(0, known) == magic.substr(0, known);
}

bool AgreesWithSkippable(std::string_view start) {
  return start.empty() ||
         ((start.front() & 0xF0) == 0x50 && Agrees(start.substr(1), kSkippableRest));
}

}  // namespace

const char* CompressionName(Compression compression) {
  switch (compression) {
    case Compression::kGzip:
      return "gzip";
    case Compression::kZstd:
      return "zstd";
    case Compression::kNone:
      break;
  }
  return "no";
}

Compression CompressionOfName(const std::filesystem::path& path) {
  if (path.extension() == ".gz") return Compression::kGzip;
  return path.extension() == ".zst" ? Compression::kZstd : Compression::kNone;
}

std::filesystem::path NameInside(const std::filesystem::path& path) {
  if (CompressionOfName(path) == Compression::kNone) return path;
  return std::filesystem::path(path).replace_extension();
}

std::optional<Compression> CompressionOfContent(std::string_view start, bool at_end) {
  const bool skippable = AgreesWithSkippable(start);
  if (Agrees(start, kGzipStart) && start.size() >= kGzipStart.size()) return Compression::kGzip;
  if ((Agrees(start, kZstdStart) || skippable) && start.size() >= kZstdStart.size())
    return Compression::kZstd;
  const bool open = Agrees(start, kGzipStart) || Agrees(start, kZstdStart) || skippable;
  if (open && !at_end) return std::nullopt;
  return Compression::kNone;
}

std::unique_ptr<Decompressor> MakeDecompressor(Compression compression) {
#if defined(RADIE_WITH_COMPRESSION)
  return compression == Compression::kGzip ? MakeGzipDecompressor() : MakeZstdDecompressor();
#else
  throw Error(ErrorCode::kInvalidArgument,
              std::string(CompressionName(compression)) +
                  " data, which this radie cannot read: RADIE_WITH_COMPRESSION is off");
#endif
}

}  // namespace radie::tools
