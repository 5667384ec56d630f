#include "libradie/text/cut_pattern.h"

#include <unicode/regex.h>
#include <unicode/utext.h>

#include <algorithm>
#include <utility>

#include "libradie/text/icu_status.h"
#include "radie/error.h"

namespace radie {
namespace {

constexpr std::size_t kMaxPattern = 1000;  // bytes
// A loop that takes no step back can still look at the rest of the line from every place in it.
constexpr std::size_t kMaxSquares = 1'000'000'000;
// ICU counts steps back in ticks of 10,000, and begins anew with each line.
constexpr int kMaxTicks = 1000;

// ICU's callback: whether the match goes on.
UBool CountTick(const void* context, int32_t) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): ICU hands on an int of ours as const
  return ++*static_cast<int*>(const_cast<void*>(context)) < kMaxTicks ? 1 : 0;
}

// A line of UTF-8 as ICU reads it; positions are bytes.
class LineText {
 public:
  explicit LineText(std::string_view line) {
    UErrorCode status = U_ZERO_ERROR;
    utext_openUTF8(&text_, line.data(), static_cast<int64_t>(line.size()), &status);
    RequireMemory(status);
    if (U_FAILURE(status) != 0) throw Error(ErrorCode::kInternal, "a line cannot be opened");
  }
  ~LineText() { utext_close(&text_); }
  LineText(const LineText&) = delete;
  LineText& operator=(const LineText&) = delete;

  UText* get() { return &text_; }

 private:
  UText text_ = UTEXT_INITIALIZER;
};

// Calls visit(begin, end) for every line, without its LF or CR LF, until it says no.
template <typename Visit>
void ForEachLine(std::string_view text, const Visit& visit) {
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t feed = std::min(text.find('\n', begin), text.size());
    const bool carriage = feed < text.size() && feed > begin && text[feed - 1] == '\r';
    if (!visit(begin, carriage ? feed - 1 : feed)) return;
    begin = feed + 1;
  }
}

}  // namespace

struct CutPattern::Compiled {
  std::unique_ptr<icu::RegexPattern> pattern;
};

CutPattern::CutPattern(std::string_view pattern, std::string name) : name_(std::move(name)) {
  if (pattern.size() > kMaxPattern) {
    throw Error(ErrorCode::kUnsupportedModel, name_ + ": a pattern of " +
                                                  std::to_string(pattern.size()) +
                                                  " bytes, at most 1,000 are taken");
  }
  UErrorCode status = U_ZERO_ERROR;
  UParseError place{};
  auto compiled = std::make_unique<Compiled>();
  const auto source = icu::UnicodeString::fromUTF8(
      icu::StringPiece(pattern.data(), static_cast<int32_t>(pattern.size())));
  RequireMemory(source);
  compiled->pattern.reset(icu::RegexPattern::compile(source, UREGEX_UNIX_LINES, place, status));
  RequireMemory(status);
  if (U_FAILURE(status) != 0 || compiled->pattern == nullptr) {
    throw Error(ErrorCode::kInvalidModel, name_ + ": no regular expression (" +
                                              u_errorName(status) + " at character " +
                                              std::to_string(place.offset) + ")");
  }
  compiled_ = std::move(compiled);
}

CutPattern::~CutPattern() = default;
CutPattern::CutPattern(CutPattern&&) noexcept = default;

std::vector<TextRange> CutPattern::Find(std::string_view text, std::size_t most) const {
  std::size_t squares = 0;
  ForEachLine(text, [&](std::size_t begin, std::size_t end) {
    const std::size_t size = std::min<std::size_t>(end - begin, 1'000'000);
    squares += size * size;
    return squares <= kMaxSquares;
  });
  if (squares > kMaxSquares) {
    throw Error(ErrorCode::kLimitExceeded, "report: its lines are too long for " + name_);
  }
  std::vector<TextRange> found;
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::RegexMatcher> matcher(compiled_->pattern->matcher(status));
  int ticks = 0;
  if (matcher != nullptr) matcher->setMatchCallback(CountTick, &ticks, status);
  RequireMemory(status);
  if (matcher == nullptr || U_FAILURE(status) != 0) {
    throw Error(ErrorCode::kInternal, name_ + ": ICU makes no matcher");
  }
  ForEachLine(text, [&](std::size_t begin, std::size_t end) {
    LineText line(text.substr(begin, end - begin));
    matcher->reset(line.get());
    while (found.size() < most && matcher->find(status) != 0) {
      found.push_back({begin + static_cast<std::size_t>(matcher->start64(status)),
                       begin + static_cast<std::size_t>(matcher->end64(status))});
    }
    return found.size() < most && U_FAILURE(status) == 0;
  });
  RequireMemory(status);
  if (U_FAILURE(status) != 0) {
    throw Error(ErrorCode::kLimitExceeded,
                "report: " + name_ + " takes too many steps in it (" + u_errorName(status) + ")");
  }
  return found;
}

}  // namespace radie
