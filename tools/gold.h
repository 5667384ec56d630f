// Annotated reports for `radie eval`: gold ones, and predictions to hold against them.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "radie/extractor.h"
#include "tools/annotation_document.h"
#include "tools/document_reader.h"

namespace radie::tools {

struct GoldReport {
  std::string id;
  std::string place;  // file and line, for messages
  std::string text;
  StructuredReport annotated;           // as AnnotatedReport fills it
  bool has_relations = false;           // the file says which there are, be it none
  std::vector<EntityMention> mentions;  // the same entities, in code points
};

class GoldReader {
 public:
  explicit GoldReader(const std::string& path, const ReadOptions& options = {});

  // False at the end. Throws ExitError(kExitSomeFailed) naming file, line and field; also for an id
  // that occurs twice.
  bool Next(GoldReport& report);

  const ReadNotes& notes() { return reader_.notes(); }

 private:
  DocumentReader reader_;
  std::set<std::string> ids_;
};

// All predictions of a file or folder, by id.
class Predictions {
 public:
  // Throws ExitError(kExitSomeFailed) naming file, line and field; also for an id that occurs
  // twice.
  explicit Predictions(const std::string& path, const ReadOptions& options = {});

  // That of a gold report's id; else of the id with ".txt" behind it or without it, which is what
  // `radie extract` calls a text file. Null when there is none. Throws ExitError(kExitSomeFailed)
  // when another report has had it.
  const SourceDocument* Take(const GoldReport& gold);

  // The only one, whatever its id, or null.
  const SourceDocument* TakeOnly();

  // As AnnotatedReport.
  StructuredReport ReportOf(const SourceDocument& document, const std::string& text) {
    return AnnotatedReport(document, text, notes_);
  }

  bool have_relations() const { return have_relations_; }  // any of them
  std::vector<std::string> NotTaken() const;               // ids, in order
  const ReadNotes& notes() const { return notes_; }

 private:
  struct Entry {
    SourceDocument document;
    bool taken = false;
  };

  std::map<std::string, Entry> by_id_;
  bool have_relations_ = false;
  ReadNotes notes_;
};

}  // namespace radie::tools
