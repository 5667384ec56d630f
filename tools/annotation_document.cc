#include "tools/annotation_document.h"

#include <utility>

#include "tools/annotation_lines.h"
#include "tools/conll_tokens.h"
#include "tools/exit_codes.h"
#include "tools/text_units.h"

namespace radie::tools {
namespace {

[[noreturn]] void FailAtLine(const SourceDocument& document, std::size_t line,
                             const std::string& message) {
  throw ExitError(kExitSomeFailed, PlaceOf(document, line) + ": " + message);
}

// What a field of the file is called: JSON has its path, a line format needs only the line.
std::string Field(const char* list, std::size_t index, std::size_t line) {
  return line > 0 ? "" : std::string(list) + "[" + std::to_string(index) + "]";
}

std::string Slice(const std::string& text, const std::vector<std::size_t>& starts, Range range) {
  return text.substr(starts[range.begin], starts[range.end] - starts[range.begin]);
}

class Placement {
 public:
  Placement(const SourceDocument& document, const std::string& text, ReadNotes& notes)
      : document_(document), text_(text), index_(text, document.unit), notes_(notes) {
    if (document.tokens) token_ranges_ = PlaceTokens(document, text);
  }

  Range Of(std::size_t number) {
    const SourceEntity& entity = document_.entities[number];
    if (document_.tokens) {
      const Range& tokens = entity.fragments.front();
      return {token_ranges_[tokens.begin].begin, token_ranges_[tokens.end - 1].end};
    }
    const std::vector<Range> fragments = FragmentsOf(number);
    if (entity.surface || fragments.size() > 1) CheckText(number, fragments);
    std::optional<Range> noted;
    for (const Range& range : entity.wholes) {
      const std::optional<Range> whole = noted ? std::nullopt : index_.ToCodePoints(range);
      if (whole && OnlyWhiteSpaceAround(*whole, fragments)) {
        noted = whole;
      } else {
        ++notes_.brat_lines['#'];  // somebody's note on something else
      }
    }
    if (noted) return *noted;
    if (fragments.empty()) FailAt(number, "its fragments are empty");
    return {fragments.front().begin, fragments.back().end};
  }

 private:
  // In code points. Empty ones are left out where a note may say more.
  std::vector<Range> FragmentsOf(std::size_t number) const {
    const SourceEntity& entity = document_.entities[number];
    std::vector<Range> fragments;
    for (const Range& fragment : entity.fragments) {
      if (!entity.wholes.empty() && fragment.begin == fragment.end) continue;
      const std::optional<Range> range = index_.ToCodePoints(fragment);
      if (!range) {
        FailAt(number, "start " + std::to_string(fragment.begin) + ", end " +
                           std::to_string(fragment.end) +
                           " is no stretch of the text's characters");
      }
      if (!fragments.empty() && range->begin < fragments.back().end)
        FailAt(number, "its fragments are out of order or overlap");
      fragments.push_back(*range);
    }
    return fragments;
  }

  [[noreturn]] void FailAt(std::size_t number, const std::string& message) const {
    const std::size_t line = document_.entities[number].line;
    const std::string field = Field("entities", number, line);
    FailAtLine(document_, line, field.empty() ? message : field + ": " + message);
  }

  bool OnlyWhiteSpaceAround(Range whole, const std::vector<Range>& fragments) {
    if (starts_.empty()) starts_ = CodePointStarts(text_);
    std::string around;
    std::size_t at = whole.begin;
    for (const Range& fragment : fragments) {
      if (fragment.begin < at || fragment.end > whole.end) return false;
      around += Slice(text_, starts_, {at, fragment.begin});
      at = fragment.end;
    }
    around += Slice(text_, starts_, {at, whole.end});
    return WithPlainSpaces(around).find_first_not_of(' ') == std::string::npos;
  }

  // Offsets that were counted in another unit or over other line breaks show here.
  void CheckText(std::size_t number, const std::vector<Range>& fragments) {
    if (starts_.empty()) starts_ = CodePointStarts(text_);
    std::string joined;
    bool text_between = false;
    for (std::size_t i = 0; i < fragments.size(); ++i) {
      if (i > 0) {
        const std::string gap =
            WithPlainSpaces(Slice(text_, starts_, {fragments[i - 1].end, fragments[i].begin}));
        text_between = text_between || gap.find_first_not_of(' ') != std::string::npos;
        joined += ' ';
      }
      joined += Slice(text_, starts_, fragments[i]);
    }
    if (text_between) ++notes_.discontinuous;
    const std::optional<std::string>& surface = document_.entities[number].surface;
    if (!surface || WithPlainSpaces(*surface) == WithPlainSpaces(joined)) return;
    if (WithPlainSpaces(UnescapeField(*surface)) == WithPlainSpaces(joined)) return;
    FailAt(number,
           "the text at these offsets is not the annotated one; offsets count characters of the "
           "text as it is, line breaks included");
  }

  const SourceDocument& document_;
  const std::string& text_;
  const CodePointIndex index_;
  ReadNotes& notes_;
  std::vector<Range> token_ranges_;
  std::vector<std::size_t> starts_;  // filled when first needed
};

std::size_t IndexOf(const std::map<std::string, std::size_t>& indices,
                    const SourceDocument& document, const SourceRelation& relation,
                    const std::string& id, const std::string& field) {
  const auto found = indices.find(id);
  if (found == indices.end())
    FailAtLine(document, relation.line, field + ": no entity has this id");
  return found->second;
}

}  // namespace

std::string PlaceOf(const SourceDocument& document, std::size_t line) {
  if (line == 0) line = document.line;
  return line == 0 ? document.path : document.path + " line " + std::to_string(line);
}

std::optional<std::string> TextOf(const SourceDocument& document) {
  if (!document.text && document.tokens) return TextOfTokens(document);
  return document.text;
}

StructuredReport AnnotatedReport(const SourceDocument& document, const std::string& text,
                                 ReadNotes& notes) {
  if (document.text && *document.text != text)
    FailAtLine(document, 0, "text: it is not the text of the gold report of this id");
  StructuredReport report;
  std::map<std::string, std::size_t> indices;
  Placement placement(document, text, notes);
  const SpanIndex spans(text);
  for (std::size_t i = 0; i < document.entities.size(); ++i) {
    const SourceEntity& annotated = document.entities[i];
    Entity entity;
    entity.type = annotated.type;
    entity.span = spans.Of(placement.Of(i));
    entity.text =
        text.substr(entity.span.utf8.begin, entity.span.utf8.end - entity.span.utf8.begin);
    entity.confidence = annotated.confidence;
    if (annotated.certainty) {
      report.findings.push_back({i, {}, {}, Certainty{*annotated.certainty, 1.0, {}}});
    }
    report.entities.push_back(std::move(entity));
    if (!annotated.id.empty() && !indices.emplace(annotated.id, i).second) {
      const std::string field = Field("entities", i, annotated.line);
      FailAtLine(document, annotated.line, (field.empty() ? "" : field + ".") + "id: used twice");
    }
  }
  for (std::size_t i = 0; i < document.relations.size(); ++i) {
    const SourceRelation& annotated = document.relations[i];
    const std::string field = Field("relations", i, annotated.line);
    const std::string head = field.empty() ? "Arg1" : field + ".head";
    const std::string tail = field.empty() ? "Arg2" : field + ".tail";
    report.relations.push_back(
        {annotated.type, IndexOf(indices, document, annotated, annotated.head, head),
         IndexOf(indices, document, annotated, annotated.tail, tail), annotated.confidence});
  }
  return report;
}

}  // namespace radie::tools
