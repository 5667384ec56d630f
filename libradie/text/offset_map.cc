#include "libradie/text/offset_map.h"

#include <algorithm>

#include "radie/error.h"

namespace radie {

void OffsetMap::Append(SourceRange source, TextRange text) {
  AppendRun({source.begin, text.begin, 1, source.size(), text.size()});
}

void OffsetMap::AppendCopied(SourceRange source, TextRange text) {
  if (source.size() != text.size()) {
    throw Error(ErrorCode::kInternal, "a copied stretch changed its length", source.begin);
  }
  AppendRun({source.begin, text.begin, source.size(), 1, 1});
}

void OffsetMap::AppendRun(const Run& run) {
  const std::size_t source_end = runs_.empty() ? 0 : runs_.back().source_end();
  if (run.source_begin < source_end || run.text_begin != text_end() || run.count == 0 ||
      run.source_unit == 0 || run.text_unit == 0) {
    throw Error(ErrorCode::kInternal, "a piece of the offset map is out of order",
                run.source_begin);
  }
  if (!runs_.empty()) {
    Run& last = runs_.back();
    if (last.source_unit == run.source_unit && last.text_unit == run.text_unit &&
        source_end == run.source_begin) {
      last.count += run.count;
      return;
    }
  }
  runs_.push_back(run);
}

SourceRange OffsetMap::ToSource(TextRange text) const {
  const auto run_at = [this](std::size_t position) {  // the run that holds the byte at `position`
    return std::upper_bound(
               runs_.begin(), runs_.end(), position,
               [](std::size_t wanted, const Run& run) { return wanted < run.text_begin; }) -
           1;
  };
  if (text.empty() || text.end > text_end()) {
    throw Error(ErrorCode::kInternal, "a range is empty or not inside the normalised text");
  }
  const auto first = run_at(text.begin);
  const auto last = run_at(text.end - 1);
  const std::size_t begin = (text.begin - first->text_begin) / first->text_unit;
  const std::size_t end = (text.end - 1 - last->text_begin) / last->text_unit + 1;
  return {first->source_begin + begin * first->source_unit,
          last->source_begin + end * last->source_unit};
}

TextRange OffsetMap::ToText(SourceRange source) const {
  // The first run that ends behind the range's begin, the first that begins at or behind its end.
  const auto first = std::upper_bound(
      runs_.begin(), runs_.end(), source.begin,
      [](std::size_t wanted, const Run& run) { return wanted < run.source_end(); });
  const auto behind = std::lower_bound(
      first, runs_.end(), source.end,
      [](const Run& run, std::size_t wanted) { return run.source_begin < wanted; });
  if (first == behind) {
    const std::size_t nowhere = first == runs_.end() ? text_end() : first->text_begin;
    return {nowhere, nowhere};
  }
  const Run& last = *(behind - 1);
  const std::size_t begin = std::max(source.begin, first->source_begin) - first->source_begin;
  const std::size_t end = std::min(source.end, last.source_end()) - last.source_begin;
  return {first->text_begin + begin / first->source_unit * first->text_unit,
          last.text_begin + (end + last.source_unit - 1) / last.source_unit * last.text_unit};
}

OffsetMap OffsetMap::Widened(std::span<const std::size_t> positions, std::size_t width) const {
  OffsetMap result;
  const auto copy = [&](const Run& run, std::size_t begin, std::size_t end, std::size_t unit) {
    if (begin == end) return;
    result.AppendRun({run.source_begin + begin * run.source_unit, result.text_end(), end - begin,
                      run.source_unit, unit});
  };
  auto next = positions.begin();
  for (const Run& run : runs_) {
    std::size_t done = 0;
    while (next != positions.end() && *next < run.text_end()) {
      const std::size_t piece = (*next - run.text_begin) / run.text_unit;
      const std::size_t piece_end = run.text_begin + (piece + 1) * run.text_unit;
      std::size_t unit = run.text_unit;
      for (; next != positions.end() && *next < piece_end; ++next) unit += width - 1;
      copy(run, done, piece, run.text_unit);
      copy(run, piece, piece + 1, unit);
      done = piece + 1;
    }
    copy(run, done, run.count, run.text_unit);
  }
  return result;
}

// Appends a piece that begins inside the last one or behind it; in the first case they become one.
void OffsetMap::AppendOverlapping(SourceRange source, TextRange text) {
  if (runs_.empty() || runs_.back().source_end() <= source.begin) return Append(source, text);
  Run& last = runs_.back();
  const std::size_t source_begin = last.source_end() - last.source_unit;
  const std::size_t text_begin = last.text_end() - last.text_unit;
  const std::size_t source_end = std::max(source.end, last.source_end());
  if (--last.count == 0) runs_.pop_back();
  Append({source_begin, source_end}, {text_begin, text.end});
}

// Appends what `first` makes of a copied run of its text.
void OffsetMap::AppendBehind(const OffsetMap& first, const Run& copied) {
  const std::size_t begin = copied.source_begin, end = copied.source_end();
  auto run =
      std::upper_bound(first.runs_.begin(), first.runs_.end(), begin,
                       [](std::size_t wanted, const Run& one) { return wanted < one.text_end(); });
  for (std::size_t at = begin; at < end; ++run) {
    const std::size_t stop = std::min(end, run->text_end());
    const auto text_of = [&](std::size_t position) {
      return copied.text_begin + (position - begin);
    };
    if (run->source_unit == 1 && run->text_unit == 1) {
      const std::size_t source = run->source_begin + (at - run->text_begin);
      AppendRun({source, text_of(at), stop - at, 1, 1});
      at = stop;
    }
    while (at < stop) {  // a unit, or what of it lies in the copied run
      const std::size_t unit = (at - run->text_begin) / run->text_unit;
      const std::size_t unit_end = std::min(stop, run->text_begin + (unit + 1) * run->text_unit);
      const std::size_t source = run->source_begin + unit * run->source_unit;
      AppendOverlapping({source, source + run->source_unit}, {text_of(at), text_of(unit_end)});
      at = unit_end;
    }
  }
}

OffsetMap OffsetMap::Then(const OffsetMap& next) const {
  OffsetMap result;
  for (const Run& run : next.runs_) {
    if (run.source_unit == 1 && run.text_unit == 1) {
      result.AppendBehind(*this, run);
      continue;
    }
    for (std::size_t i = 0; i < run.count; ++i) {
      const std::size_t begin = run.source_begin + i * run.source_unit;
      const std::size_t text = run.text_begin + i * run.text_unit;
      result.AppendOverlapping(ToSource({begin, begin + run.source_unit}),
                               {text, text + run.text_unit});
    }
  }
  return result;
}

}  // namespace radie
