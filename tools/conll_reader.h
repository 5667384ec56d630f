// CoNLL files: one token a line with its IOB2 tag, an empty line behind a sentence.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/annotation_document.h"
#include "tools/line_reader.h"

namespace radie::tools {

// Gives out the documents of one file: a line "-DOCSTART-…" or "# id = NAME" begins one. Columns
// are TOKEN TAG or TOKEN START END TAG, separated by a tab, or by spaces in a line without tabs.
class ConllReader {
 public:
  struct Options {
    // I-X that continues no entity of type X begins one (conlleval, seqeval's default); otherwise
    // it is an error.
    bool repair_tags = false;
    // Names for documents that bring none: `name` for the first, then "name#2", …
    std::string name;
  };

  // `notes` must outlive the reader. Throws ExitError(kExitSomeFailed) when the file cannot be
  // opened.
  ConllReader(const std::string& path, Options options, ReadNotes& notes);

  // False at the end. Throws ExitError(kExitSomeFailed) naming file and line.
  bool Next(SourceDocument& document);

 private:
  bool NextLine();
  bool ReadHeader();  // true when the line was a header or a comment
  void ReadToken();
  void ReadTag(std::string_view tag);
  void Begin(std::optional<std::string> id);
  [[noreturn]] void Fail(const std::string& message) const;

  std::string path_;
  Options options_;
  ReadNotes& notes_;
  OpenFile file_;
  LineReader reader_;
  std::string line_;

  SourceDocument current_;
  std::optional<SourceDocument> finished_;
  bool open_ = false;      // current_ has a header or tokens
  bool has_name_ = false;  // of its own
  std::size_t documents_ = 0;
  std::size_t columns_ = 0;  // of the file's token lines, once known
  bool sentence_begins_ = true;
  std::string open_type_;  // of the entity that the line above belongs to
};

}  // namespace radie::tools
