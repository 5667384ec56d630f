#include <windows.h>

#include <algorithm>
#include <limits>
#include <system_error>

#include "libradie/model/open_file.h"
#include "radie/error.h"

namespace radie {
namespace {

// Windows' own texts come in the user's language and code page; those of the C library do not.
std::string SystemMessage(DWORD number) {
  const std::error_condition condition =
      std::system_category().default_error_condition(static_cast<int>(number));
  if (condition.category() == std::generic_category()) return condition.message();
  return "Windows error " + std::to_string(number);
}

HANDLE Handle(std::intptr_t handle) { return reinterpret_cast<HANDLE>(handle); }

// UTF-16 of a path in UTF-8.
std::wstring WidePath(const std::string& path) {
  if (path.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    throw Error(ErrorCode::kIo, "model file: its path is too long");
  }
  const int bytes = static_cast<int>(path.size());
  const int units =
      MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path.data(), bytes, nullptr, 0);
  if (units == 0 && bytes != 0) {
    throw Error(ErrorCode::kIo, "model file: its path is not valid UTF-8");
  }
  std::wstring wide(static_cast<std::size_t>(units), L'\0');
  MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path.data(), bytes, wide.data(), units);
  return wide;
}

// From the constructor, where a throw does not run the destructor.
[[noreturn]] void CloseAndThrow(HANDLE file, const std::string& path, const std::string& problem) {
  CloseHandle(file);
  ThrowModelFileError(path, problem);
}

}  // namespace

OpenFile::OpenFile(const std::string& path) : path_(path) {
  // FILE_FLAG_BACKUP_SEMANTICS: a folder can be opened, and so be told from a file that may not be
  // read. SECURITY_IDENTIFICATION: should the path name a pipe, its server cannot act as this user.
  const HANDLE file = CreateFileW(
      WidePath(path).c_str(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
      nullptr, OPEN_EXISTING,
      FILE_FLAG_BACKUP_SEMANTICS | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION, nullptr);
  if (file == INVALID_HANDLE_VALUE) ThrowModelFileError(path, SystemMessage(GetLastError()));
  BY_HANDLE_FILE_INFORMATION facts;
  if (GetFileType(file) != FILE_TYPE_DISK) CloseAndThrow(file, path, "not a regular file");
  if (GetFileInformationByHandle(file, &facts) == 0) {
    CloseAndThrow(file, path, SystemMessage(GetLastError()));
  }
  if ((facts.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
    CloseAndThrow(file, path, "not a regular file");
  }
  handle_ = reinterpret_cast<std::intptr_t>(file);
  size_ = std::size_t{facts.nFileSizeHigh} << 32 | facts.nFileSizeLow;
}

OpenFile::~OpenFile() { CloseHandle(Handle(handle_)); }

std::size_t OpenFile::ReadSome(std::byte* to, std::size_t most) const {
  constexpr std::size_t kMost = std::size_t{1} << 30;  // a call's count has 32 bits
  DWORD got = 0;
  if (ReadFile(Handle(handle_), to, static_cast<DWORD>(std::min(most, kMost)), &got, nullptr) == 0)
    ThrowModelFileError(path_, SystemMessage(GetLastError()));
  return got;
}

const std::byte* OpenFile::Map() const {
  const HANDLE mapping = CreateFileMappingW(Handle(handle_), nullptr, PAGE_READONLY, 0, 0, nullptr);
  if (mapping == nullptr) {
    ThrowModelFileError(path_, "cannot be mapped: " + SystemMessage(GetLastError()));
  }
  const void* const view = MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, size_);
  const DWORD error = GetLastError();
  CloseHandle(mapping);  // the view keeps what it needs
  if (view == nullptr) ThrowModelFileError(path_, "cannot be mapped: " + SystemMessage(error));
  return static_cast<const std::byte*>(view);
}

void UnmapFile(const std::byte* bytes, std::size_t) { UnmapViewOfFile(bytes); }

void DropMappedPages(const std::byte*, std::size_t) {}

}  // namespace radie
