#include "tools/conll_tokens.h"

#include "tools/annotation_lines.h"
#include "tools/exit_codes.h"
#include "tools/text_units.h"

namespace radie::tools {
namespace {

constexpr std::size_t kMaxGap = 1 << 16;  // an offset must not make us write gigabytes of spaces

[[noreturn]] void FailAtToken(const SourceDocument& document, std::size_t token,
                              const std::string& message) {
  throw ExitError(kExitSomeFailed,
                  PlaceOf(document, document.tokens->tokens[token].line) + ": " + message);
}

std::size_t CodePointsOf(const std::string& text) { return CodePointStarts(text).size() - 1; }

class Alignment {
 public:
  Alignment(const SourceDocument& document, const std::string& text)
      : document_(document),
        tokens_(*document.tokens),
        text_(text),
        starts_(CodePointStarts(text)) {}

  std::vector<Range> Run() {
    std::vector<Range> ranges;
    for (std::size_t i = 0; i < tokens_.tokens.size(); ++i)
      ranges.push_back(tokens_.has_offsets ? AtItsOffsets(i) : Next(i));
    if (tokens_.has_offsets || ranges.empty()) return ranges;
    SkipWhiteSpace();
    if (at_ < Size())
      FailAtToken(document_, ranges.size() - 1, "the tokens end before the report does");
    return ranges;
  }

 private:
  std::size_t Size() const { return starts_.size() - 1; }

  std::string_view Slice(std::size_t begin, std::size_t end) const {
    return std::string_view(text_).substr(starts_[begin], starts_[end] - starts_[begin]);
  }

  void SkipWhiteSpace() {
    while (at_ < Size() && IsWhiteSpace(Slice(at_, at_ + 1))) ++at_;
  }

  bool StandsHere(const std::string& token) const {
    return text_.compare(starts_[at_], token.size(), token) == 0;
  }

  Range AtItsOffsets(std::size_t i) {
    const Range& range = tokens_.tokens[i].range;
    if (range.begin < at_)
      FailAtToken(document_, i, "the token begins before the one above it ends");
    if (range.begin >= range.end || range.end > Size())
      FailAtToken(document_, i, "its offsets are no stretch of the text's characters");
    if (Slice(range.begin, range.end) != tokens_.TextOf(i))
      FailAtToken(document_, i,
                  "the text at these offsets is not the token; offsets count code points");
    at_ = range.end;
    return range;
  }

  Range Next(std::size_t i) {
    const std::string token = tokens_.TextOf(i);
    if (!StandsHere(token)) SkipWhiteSpace();
    if (!StandsHere(token))
      FailAtToken(document_, i, "the token is not what comes next in the report");
    const Range range = {at_, at_ + CodePointsOf(token)};
    at_ = range.end;
    return range;
  }

  const SourceDocument& document_;
  const ConllTokens& tokens_;
  const std::string& text_;
  const std::vector<std::size_t> starts_;
  std::size_t at_ = 0;  // code point; all before it are taken
};

}  // namespace

std::string TextOfTokens(const SourceDocument& document) {
  const ConllTokens& tokens = *document.tokens;
  std::string text;
  std::size_t length = 0;  // code points
  for (std::size_t i = 0; i < tokens.tokens.size(); ++i) {
    const ConllTokens::Token& token = tokens.tokens[i];
    const std::string surface = tokens.TextOf(i);
    if (!tokens.has_offsets) {
      if (i > 0 && token.begins_sentence) text += '\n';
      text += surface;
      continue;
    }
    if (token.range.begin < length || token.range.begin - length > kMaxGap)
      FailAtToken(document, i,
                  "the token begins before the one above it ends, or too far behind it");
    if (token.range.begin + CodePointsOf(surface) != token.range.end)
      FailAtToken(document, i, "end - start is not the token's length in code points");
    text.append(token.range.begin - length, ' ');
    text += surface;
    length = token.range.end;
  }
  return text;
}

std::vector<Range> PlaceTokens(const SourceDocument& document, const std::string& text) {
  return Alignment(document, text).Run();
}

}  // namespace radie::tools
