// One report's annotations as a file has them, of whatever format, and how they become a report
// once its text is known.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "radie/report.h"

namespace radie::tools {

struct SourceEntity {
  std::string id;
  std::string type;
  std::vector<Range> fragments;        // one or more; in the document's unit, or tokens of CoNLL
  std::optional<std::string> surface;  // the file's own copy of the text (brat)
  std::vector<Range> wholes;           // notes' words on where it really is (brat)
  std::size_t line = 0;                // 0: the document's
  std::optional<CertaintyClass> certainty;
  double confidence = 1.0;
};

struct SourceRelation {
  std::string type, head, tail;  // ids of entities
  std::size_t line = 0;
  double confidence = 1.0;
};

// Tokens of a CoNLL file, one a line.
struct ConllTokens {
  struct Token {
    std::size_t begin = 0;  // byte of `surface`; it ends where the next one begins
    std::size_t line = 0;
    Range range;  // code points of the report, when the file has offsets
    bool begins_sentence = false;
  };
  std::string surface;  // all of them, without anything between
  std::vector<Token> tokens;
  bool has_offsets = false;

  std::string TextOf(std::size_t token) const {
    const std::size_t end = token + 1 < tokens.size() ? tokens[token + 1].begin : surface.size();
    return surface.substr(tokens[token].begin, end - tokens[token].begin);
  }
};

struct SourceDocument {
  std::string id;
  std::string path;
  std::size_t line = 0;             // where it stands in the file; 0: it is the whole file
  std::optional<std::string> text;  // valid UTF-8
  OffsetUnit unit = OffsetUnit::kCodePoint;
  bool is_error = false;         // an error record of radie's own output
  bool has_relations = false;    // the file says which relations there are, be it none
  bool has_confidences = false;  // every entity and relation has one of its own
  std::vector<SourceEntity> entities;
  std::vector<SourceRelation> relations;
  std::optional<ConllTokens> tokens;  // then the entities' fragments count tokens
};

// What was read in another way than it was written, for the notes on standard error.
struct ReadNotes {
  std::map<char, std::size_t> brat_lines;  // of kinds that are not measured, by their letter
  std::size_t discontinuous = 0;           // entities with text between their fragments
  std::size_t comments = 0;                // CoNLL
  std::size_t repaired_tags = 0;           // CoNLL
  std::size_t texts_alone = 0;             // .txt files of a folder without annotations
};

// "PATH line N", or "PATH". A `line` of 0 is the document's.
std::string PlaceOf(const SourceDocument& document, std::size_t line = 0);

// The text that the document brings along: its own, or what its tokens spell. Throws
// ExitError(kExitSomeFailed) as AnnotatedReport does.
std::optional<std::string> TextOf(const SourceDocument& document);

// Entities with type, span, text and confidence, relations, and a finding for every entity with a
// certainty; every position checked against `text`. An
// entity of several fragments is the stretch from its first to its last character. Throws
// ExitError(kExitSomeFailed) naming file, line and field; also when the document has a text and it
// is not `text`.
StructuredReport AnnotatedReport(const SourceDocument& document, const std::string& text,
                                 ReadNotes& notes);

}  // namespace radie::tools
