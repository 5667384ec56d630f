#include "tools/folder_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "tools/exit_codes.h"
#include "tools/output.h"
#include "tools/signals.h"

namespace radie::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxStemBytes = 240;  // 255 with the extension, on every common file system

// Characters of several bytes that a reader cannot see or that turn the direction of a name.
bool IsInvisible(std::string_view c) {
  if (c.size() == 2) return c[0] == '\xC2' && static_cast<unsigned char>(c[1]) <= 0xA0;
  if (c.size() != 3) return false;
  if (c == "\xEF\xBB\xBF") return true;
  if (c.substr(0, 2) == "\xE2\x80") {
    const auto last = static_cast<unsigned char>(c[2]);
    return (last >= 0x8B && last <= 0x8F) || (last >= 0xA8 && last <= 0xAE);
  }
  return c.substr(0, 2) == "\xE2\x81" && static_cast<unsigned char>(c[2]) >= 0xA0;
}

// The length of the well-formed UTF-8 character at the start of `text`, or 0.
std::size_t CharacterLength(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = byte(0) < 0x80   ? 1
                             : byte(0) < 0xC2 ? 0
                             : byte(0) < 0xE0 ? 2
                             : byte(0) < 0xF0 ? 3
                             : byte(0) < 0xF5 ? 4
                                              : 0;
  if (length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (byte(0) == 0xE0 && byte(1) < 0xA0) || (byte(0) == 0xF0 && byte(1) < 0x90);
  const bool outside = (byte(0) == 0xED && byte(1) > 0x9F) || (byte(0) == 0xF4 && byte(1) > 0x8F);
  return length > 1 && (overlong || outside) ? 0 : length;
}

bool IsPlain(std::string_view character, bool at_edge) {
  if (character.size() > 1) return !IsInvisible(character);
  const char c = character[0];
  if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) return true;
  // No dot file, no option, nothing that a file system drops from the end.
  if (c == '.' || c == '-' || c == ' ') return !at_edge;
  return c != '\0' && std::strchr("_+=@,()[]{}~!#", c) != nullptr;
}

Error WriteFailure(const std::string& name, int number) {
  return Error(number == EEXIST ? ErrorCode::kInvalidArgument : ErrorCode::kIo,
               name + ": " +
                   (number == EEXIST ? "there is such a file already, and none is written over"
                                     : std::generic_category().message(number)));
}

class FolderWriter : public ReportWriter {
 public:
  FolderWriter(const std::string& folder, const WriterSettings& settings) : settings_(settings) {
    std::error_code ignored;  // what is wrong, opening it says
    fs::create_directories(folder, ignored);
    folder_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_ < 0)
      throw ExitError(kExitSomeFailed, folder + ": " + std::generic_category().message(errno));
  }
  ~FolderWriter() override { ::close(folder_); }
  FolderWriter(const FolderWriter&) = delete;
  FolderWriter& operator=(const FolderWriter&) = delete;

  void Result(const ExtractItem& item, const StructuredReport& report, std::string&) override {
    const std::string stem = FileStem(item.id.value_or(""));
    switch (settings_.format) {
      case OutputFormat::kBrat:
        WriteFiles({{stem + ".ann", ToBrat(report)}, {stem + ".txt", item.text}});
        break;
      case OutputFormat::kConll:
        WriteFiles({{stem + ".conll", ToConll(item.text, report, {settings_.unit})}});
        break;
      default:
        WriteFiles({{stem + ".html", ToHtml(item.id.value_or(""), item.text, report)}});
    }
    if (settings_.format != OutputFormat::kHtml) ComplainOfWarnings(item, report);
  }

  void Failure(const ExtractItem& item, const Error& error, std::string&) override {
    ComplainOf(item, error);
  }

 private:
  using Files = std::vector<std::pair<std::string, std::string>>;  // names and contents

  // All or none.
  void WriteFiles(const Files& files) {
    const WriteInProgress guard;
    for (std::size_t i = 0; i < files.size(); ++i) {
      const int trouble = WriteFile(files[i].first, files[i].second);
      if (trouble == 0) continue;
      for (std::size_t j = 0; j < i; ++j) ::unlinkat(folder_, files[j].first.c_str(), 0);
      throw WriteFailure(files[i].first, trouble);
    }
  }

  // 0, or errno; a file that could not be written whole is taken away.
  int WriteFile(const std::string& name, std::string_view content) {
    const int file =
        ::openat(folder_, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (file < 0) return errno;
    int trouble = 0;
    while (!content.empty() && trouble == 0) {
      const ssize_t written = ::write(file, content.data(), content.size());
      if (written >= 0) {
        content.remove_prefix(static_cast<std::size_t>(written));
      } else if (errno != EINTR) {
        trouble = errno;
      }
    }
    if (::close(file) != 0 && trouble == 0) trouble = errno;
    if (trouble != 0) ::unlinkat(folder_, name.c_str(), 0);
    return trouble;
  }

  const WriterSettings settings_;
  int folder_ = -1;
};

}  // namespace

std::string FileStem(std::string_view id) {
  constexpr char kHex[] = "0123456789ABCDEF";
  constexpr std::string_view kExtension = ".txt";
  if (id.size() > kExtension.size() && id.substr(id.size() - kExtension.size()) == kExtension) {
    id.remove_suffix(kExtension.size());
  }
  std::string stem;
  for (std::size_t at = 0; at < id.size();) {
    const std::size_t length = CharacterLength(id.substr(at));
    const std::string_view character = id.substr(at, length == 0 ? 1 : length);
    const bool at_edge = at == 0 || at + character.size() == id.size();
    if (length != 0 && IsPlain(character, at_edge)) {
      stem += character;
    } else {
      for (char c : character) {
        const auto byte = static_cast<unsigned char>(c);
        stem += {'%', kHex[byte >> 4], kHex[byte & 15]};
      }
    }
    at += character.size();
  }
  if (stem.empty()) throw Error(ErrorCode::kInvalidArgument, "id: empty, which names no file");
  if (stem.size() > kMaxStemBytes) {
    throw Error(ErrorCode::kInvalidArgument, "id: its file name would have " +
                                                 std::to_string(stem.size()) + " bytes; at most " +
                                                 std::to_string(kMaxStemBytes));
  }
  return stem;
}

std::unique_ptr<ReportWriter> MakeFolderWriter(const std::string& folder,
                                               const WriterSettings& settings) {
  return std::make_unique<FolderWriter>(folder, settings);
}

}  // namespace radie::tools
