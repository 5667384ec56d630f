#include "tools/document_reader.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/annotated_record.h"
#include "tools/annotation_lines.h"
#include "tools/brat_reader.h"
#include "tools/compression.h"
#include "tools/conll_reader.h"
#include "tools/exit_codes.h"
#include "tools/input_files.h"
#include "tools/line_reader.h"
#include "tools/output.h"

namespace radie::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxRecordLineBytes = std::size_t{64} << 20;

bool IsConll(const fs::path& path) {
  constexpr std::array<std::string_view, 4> kExtensions = {".conll", ".iob", ".iob2", ".bio"};
  const std::string extension = NameInside(path).extension().string();
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

bool IsAnn(const fs::path& path) { return path.extension() == ".ann"; }

bool Exists(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

bool HasConfidences(const Record& record) {
  const auto has_one = [](const auto& item) { return item.confidence.has_value(); };
  return record.entities &&
         std::all_of(record.entities->begin(), record.entities->end(), has_one) &&
         (!record.relations ||
          std::all_of(record.relations->begin(), record.relations->end(), has_one));
}

SourceDocument DocumentOf(Record record, const std::string& path, std::size_t line) {
  SourceDocument document;
  document.id = record.id.value_or("line-" + std::to_string(line));
  document.path = path;
  document.line = line;
  document.text = std::move(record.text);
  document.unit = record.unit.value_or(OffsetUnit::kCodePoint);
  document.is_error = record.is_error;
  document.has_relations = record.relations.has_value();
  document.has_confidences = HasConfidences(record);
  if (record.entities) {
    for (RecordEntity& annotated : *record.entities) {
      SourceEntity entity;
      entity.id = std::move(annotated.id);
      entity.type = std::move(annotated.type);
      entity.fragments = {annotated.range};
      entity.certainty = annotated.certainty;
      entity.confidence = annotated.confidence.value_or(1.0);
      document.entities.push_back(std::move(entity));
    }
  }
  if (record.relations) {
    for (RecordRelation& relation : *record.relations) {
      document.relations.push_back({std::move(relation.type), std::move(relation.head),
                                    std::move(relation.tail), 0,
                                    relation.confidence.value_or(1.0)});
    }
  }
  return document;
}

}  // namespace

class DocumentReader::File {
 public:
  virtual ~File() = default;
  virtual bool Next(SourceDocument& document) = 0;
};

class DocumentReader::JsonLinesFile : public File {
 public:
  JsonLinesFile(const std::string& path, bool gold)
      : path_(path), gold_(gold), file_(path), reader_(file_, kMaxRecordLineBytes) {}

  bool Next(SourceDocument& document) override {
    for (std::string line; NextLine(line);) {
      Record record = Parse(line);
      if (gold_ && !record.is_error && !record.text) Fail("text: missing");
      if (!gold_ && !record.id && record.is_error)
        continue;  // a line that could not be read has no id to be matched by
      if (!record.is_error && !record.entities) Fail("entities: missing");
      document = DocumentOf(std::move(record), path_, reader_.line_number());
      return true;
    }
    return false;
  }

 private:
  [[noreturn]] void Fail(const std::string& message) const {
    throw ExitError(kExitSomeFailed,
                    path_ + " line " + std::to_string(reader_.line_number()) + ": " + message);
  }

  // The next line that is not blank.
  bool NextLine(std::string& line) {
    for (;;) {
      switch (reader_.Next(line)) {
        case LineReader::Result::kEnd:
          return false;
        case LineReader::Result::kTooLong:
          Fail("longer than " + std::to_string(kMaxRecordLineBytes) + " bytes");
        case LineReader::Result::kLine:
          if (!IsBlank(line)) return true;
      }
    }
  }

  Record Parse(const std::string& line) const {
    try {
      return ParseRecord(line, {true, true, true});
    } catch (const RecordError& failed) {
      Fail(failed.error.what());
    }
  }

  std::string path_;
  bool gold_;
  OpenFile file_;
  LineReader reader_;
};

class DocumentReader::BratFile : public File {
 public:
  BratFile(Entry entry, ReadNotes& notes) : entry_(std::move(entry)), notes_(notes) {}

  bool Next(SourceDocument& document) override {
    if (!std::exchange(read_, true)) {
      for (SourceDocument& one : ReadBrat(entry_.path, entry_.name, notes_))
        documents_.push_back(std::move(one));
    }
    if (documents_.empty()) return false;
    document = std::move(documents_.front());
    documents_.pop_front();
    return true;
  }

 private:
  Entry entry_;
  ReadNotes& notes_;
  bool read_ = false;
  std::deque<SourceDocument> documents_;
};

// With a .txt of the same name beside it, that is the text of the file's only document.
class DocumentReader::ConllFile : public File {
 public:
  ConllFile(const Entry& entry, bool repair_tags, ReadNotes& notes)
      : path_(entry.path), reader_(entry.path, {repair_tags, entry.name}, notes) {
    const fs::path text_path = NameInside(path_).replace_extension(".txt");
    if (Exists(text_path)) text_ = ReadTextFile(text_path.string());
  }

  bool Next(SourceDocument& document) override {
    if (!reader_.Next(document)) return false;
    if (!text_) return true;
    if (std::exchange(text_taken_, true)) {
      throw ExitError(kExitSomeFailed, PlaceOf(document) +
                                           ": a second document, but the .txt file beside it "
                                           "holds one text");
    }
    document.text = text_;
    return true;
  }

 private:
  std::string path_;
  ConllReader reader_;
  std::optional<std::string> text_;
  bool text_taken_ = false;
};

DocumentReader::DocumentReader(const std::string& path, const ReadOptions& options)
    : options_(options) {
  std::error_code error;
  if (path != "-" && fs::is_directory(path, error)) {
    FindIn(path);
    return;
  }
  fs::path file = path;
  if (file.extension() == ".txt") {
    file.replace_extension(".ann");
    if (!Exists(file)) {
      throw ExitError(kExitSomeFailed,
                      path +
                          ": no .ann file beside it (CoNLL files end in .conll, .iob, .iob2 or "
                          ".bio)");
    }
  }
  std::string name = IsAnn(file) ? file.stem().string() : IsConll(file) ? "document" : "";
  entries_.push_back({file.string(), std::move(name)});
}

DocumentReader::~DocumentReader() = default;

void DocumentReader::FindIn(const std::string& folder) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    const fs::path& path = it->path();
    if (it->is_directory(ignored)) continue;
    if (IsAnn(path) || IsConll(path) || IsJsonLines(NameInside(path))) paths.push_back(path);
    const auto beside = [&](const std::string& extension) {
      fs::path other = path;
      if (Exists(other.replace_extension(extension))) return true;
      if (extension == ".ann") return false;  // a pair of files that are read plain
      return Exists(other += ".gz") || Exists(other.replace_extension(".zst"));
    };
    if (path.extension() == ".txt" && !beside(".ann") && !beside(".conll") && !beside(".iob") &&
        !beside(".iob2") && !beside(".bio")) {
      ++notes_.texts_alone;
    }
  }
  if (error) throw ExitError(kExitSomeFailed, folder + ": " + error.message());
  if (paths.empty())
    throw ExitError(kExitSomeFailed, folder +
                                         ": no .ann, .conll, .iob, .iob2, .bio, .jsonl or "
                                         ".ndjson file in it");
  std::sort(paths.begin(), paths.end());
  for (const fs::path& path : paths) {
    const fs::path name = NameInside(path.lexically_relative(folder)).replace_extension();
    entries_.push_back({path.string(), PercentDecoded(name.string())});
  }
}

std::unique_ptr<DocumentReader::File> DocumentReader::Open(const Entry& entry) {
  if (IsAnn(entry.path)) return std::make_unique<BratFile>(entry, notes_);
  if (IsConll(entry.path)) return std::make_unique<ConllFile>(entry, options_.repair_tags, notes_);
  return std::make_unique<JsonLinesFile>(entry.path, options_.gold);
}

bool DocumentReader::Next(SourceDocument& document) {
  for (;;) {
    if (file_ && file_->Next(document)) return true;
    if (entries_.empty()) return false;
    file_ = Open(entries_.front());
    entries_.pop_front();
  }
}

bool IsBratFile(const std::string& path) {
  std::error_code error;
  const fs::path file = path;
  return (IsAnn(file) || file.extension() == ".txt") && !fs::is_directory(file, error);
}

void ComplainOf(const ReadNotes& notes, const std::string& path) {
  const auto say = [&](std::size_t count, const std::string& what) {
    if (count > 0) Complain(path + ": " + std::to_string(count) + " " + what);
  };
  for (const auto& [letter, count] : notes.brat_lines)
    say(count, std::string("lines that begin with ") + letter + " are not measured");
  say(notes.comments, "comment lines passed over");
  say(notes.discontinuous,
      "entities have text between their fragments; each is measured as one stretch, from its "
      "first to its last character");
  say(notes.repaired_tags, "I- tags that continued no entity of their type begin one");
  say(notes.texts_alone, ".txt files without annotations beside them are left out");
}

}  // namespace radie::tools
