#include "tools/conll_reader.h"

#include <utility>

#include "tools/annotated_record.h"
#include "tools/annotation_lines.h"
#include "tools/exit_codes.h"
#include "tools/text_units.h"

namespace radie::tools {
namespace {

constexpr std::size_t kMaxConllLineBytes = std::size_t{1} << 20;

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

bool IsTag(std::string_view column) {
  return column == "O" ||
         (column.size() > 2 && (StartsWith(column, "B-") || StartsWith(column, "I-")));
}

std::vector<std::string_view> ColumnsOf(std::string_view line) {
  return line.find('\t') == line.npos ? SplitAtSpaces(line) : SplitAt(line, '\t');
}

}  // namespace

ConllReader::ConllReader(const std::string& path, Options options, ReadNotes& notes)
    : path_(path),
      options_(std::move(options)),
      notes_(notes),
      file_(path),
      reader_(file_, kMaxConllLineBytes) {}

void ConllReader::Fail(const std::string& message) const {
  throw ExitError(kExitSomeFailed,
                  path_ + " line " + std::to_string(reader_.line_number()) + ": " + message);
}

bool ConllReader::NextLine() {
  switch (reader_.Next(line_)) {
    case LineReader::Result::kEnd:
      return false;
    case LineReader::Result::kTooLong:
      Fail("longer than " + std::to_string(kMaxConllLineBytes) + " bytes");
    case LineReader::Result::kLine:
      break;
  }
  if (reader_.line_number() == 1 && StartsWith(line_, "\xEF\xBB\xBF")) line_.erase(0, 3);
  if (!line_.empty() && line_.back() == '\r') line_.pop_back();
  if (const std::optional<std::size_t> at = InvalidUtf8At(line_))
    Fail("not valid UTF-8 at the byte at offset " + std::to_string(*at) + " of the line");
  return true;
}

void ConllReader::Begin(std::optional<std::string> id) {
  // "-DOCSTART-" and then "# id = …" is one document.
  const bool only_header = open_ && current_.tokens->tokens.empty() && !has_name_ && id;
  if (open_ && !only_header) finished_ = std::move(current_);
  if (!only_header) {
    ++documents_;
    current_ = {};
    current_.path = path_;
    current_.line = reader_.line_number();
    current_.tokens.emplace();
    current_.id = options_.name;
    if (documents_ > 1) current_.id.append("#").append(std::to_string(documents_));
  }
  open_ = true;
  has_name_ = id.has_value();
  if (id) current_.id = std::move(*id);
  sentence_begins_ = true;
  open_type_.clear();
}

bool ConllReader::ReadHeader() {
  if (StartsWith(line_, "-DOCSTART-")) {
    Begin(std::nullopt);
    return true;
  }
  const bool may_be_comment = StartsWith(line_, "#") && line_.find('\t') == std::string::npos;
  if (!may_be_comment) return false;
  if (std::optional<std::string> id = IdOfHeader(line_)) {
    Begin(std::move(id));
    return true;
  }
  if (IsErrorHeader(line_) && open_) {
    current_.is_error = true;
    return true;
  }
  const std::vector<std::string_view> columns = ColumnsOf(line_);
  if (columns.size() > 1 && IsTag(columns.back())) return false;  // the token is a #
  ++notes_.comments;
  return true;
}

void ConllReader::ReadTag(std::string_view tag) {
  if (!IsTag(tag)) Fail("the last column is no IOB2 tag: O, B-TYPE or I-TYPE");
  const std::size_t token = current_.tokens->tokens.size() - 1;
  if (tag == "O") {
    open_type_.clear();
    return;
  }
  std::string type = UnescapeField(tag.substr(2));
  if (tag[0] == 'I' && type == open_type_) {
    current_.entities.back().fragments.front().end = token + 1;
    return;
  }
  if (tag[0] == 'I') {
    if (!options_.repair_tags) {
      Fail(
          "an I- tag that continues no entity of its type is no IOB2 (with --repair-tags it "
          "begins one)");
    }
    ++notes_.repaired_tags;
  }
  SourceEntity entity;
  entity.type = type;
  entity.fragments = {{token, token + 1}};
  entity.line = reader_.line_number();
  current_.entities.push_back(std::move(entity));
  open_type_ = std::move(type);
}

void ConllReader::ReadToken() {
  const std::vector<std::string_view> columns = ColumnsOf(line_);
  if (columns.size() != 2 && columns.size() != 4) {
    Fail("expected 2 columns (token, tag) or 4 (token, start, end, tag), found " +
         std::to_string(columns.size()));
  }
  if (columns_ == 0) columns_ = columns.size();
  if (columns.size() != columns_)
    Fail("expected " + std::to_string(columns_) + " columns as in the lines above");
  if (columns.front().empty()) Fail("the first column, the token, is empty");

  ConllTokens& tokens = *current_.tokens;
  ConllTokens::Token token;
  token.begin = tokens.surface.size();
  token.line = reader_.line_number();
  token.begins_sentence = std::exchange(sentence_begins_, false);
  tokens.has_offsets = columns_ == 4;
  if (tokens.has_offsets) {
    const std::optional<std::size_t> begin = ParseOffset(columns[1]), end = ParseOffset(columns[2]);
    if (!begin || !end) Fail("the second and third columns, start and end, must be offsets");
    token.range = {*begin, *end};
  }
  tokens.surface += UnescapeField(columns.front());
  tokens.tokens.push_back(token);
  ReadTag(columns.back());
}

bool ConllReader::Next(SourceDocument& document) {
  while (!finished_ && NextLine()) {
    if (line_.empty() || (line_.find('\t') == std::string::npos && IsBlank(line_))) {
      sentence_begins_ = true;
      open_type_.clear();
      continue;
    }
    if (ReadHeader()) continue;
    if (!open_) Begin(std::nullopt);
    ReadToken();
  }
  if (!finished_ && open_) {
    finished_ = std::move(current_);
    open_ = false;
  }
  if (!finished_) return false;
  document = std::move(*finished_);
  finished_.reset();
  return true;
}

}  // namespace radie::tools
