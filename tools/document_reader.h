// Annotated documents out of a file or a folder, whatever their format.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>

#include "tools/annotation_document.h"

namespace radie::tools {

struct ReadOptions {
  bool repair_tags = false;  // see ConllReader
  bool gold = false;         // JSON Lines: every line must be a record with a text
};

// The format follows the extension: .ann, or the .txt beside it (brat); .conll, .iob, .iob2, .bio
// (CoNLL); anything else is JSON Lines, "-" too. A folder is searched recursively, in order of
// name, for .ann, .conll, …, .jsonl and .ndjson; links to folders are not followed. CoNLL and JSON
// Lines may be compressed: .conll.gz, .jsonl.zst, ….
//
// Ids: a document's own; else, in a folder, its path from there without the extension, %XX decoded;
// else the file's name without it (.ann), "document" (CoNLL) or "line-N" (JSON Lines).
class DocumentReader {
 public:
  // Throws ExitError(kExitSomeFailed) when there is nothing to read at `path`.
  explicit DocumentReader(const std::string& path, const ReadOptions& options = {});
  ~DocumentReader();

  // False at the end. Throws ExitError(kExitSomeFailed) naming file, line and field.
  bool Next(SourceDocument& document);

  // What was passed over or changed so far; AnnotatedReport adds to it.
  ReadNotes& notes() { return notes_; }

 private:
  class File;
  class JsonLinesFile;
  class BratFile;
  class ConllFile;

  struct Entry {
    std::string path;
    std::string name;  // of a document without an id; empty: the format's
  };

  void FindIn(const std::string& folder);
  std::unique_ptr<File> Open(const Entry& entry);

  ReadOptions options_;
  ReadNotes notes_;
  std::deque<Entry> entries_;
  std::unique_ptr<File> file_;
};

// Whether `path` names one brat document and not a folder of them.
bool IsBratFile(const std::string& path);

// Says on standard error what `notes` hold, a line a kind.
void ComplainOf(const ReadNotes& notes, const std::string& path);

}  // namespace radie::tools
