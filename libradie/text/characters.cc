#include "libradie/text/characters.h"

#include <string>
#include <utility>

#include "libradie/base/utf8.h"

namespace radie {
namespace {

class Normalizing {
 public:
  explicit Normalizing(NormalForm form) : form_(form) {}

  Characters Run(const Characters& characters) {
    result_.reserve(characters.size());
    for (auto begin = characters.begin(); begin != characters.end();) {
      // A space never changes what follows it: a mark behind it is a segment of its own.
      auto end = begin + 1;
      while (end != characters.end() && begin->code_point != ' ' && !Begins(end->code_point)) ++end;
      AddSegment(begin, end);
      begin = end;
    }
    return std::move(result_);
  }

 private:
  bool Begins(char32_t c) const { return IsPlain(form_, c) || HasBoundaryBefore(form_, c); }

  void AddSegment(Characters::const_iterator begin, Characters::const_iterator end) {
    if (end - begin == 1 && IsPlain(form_, begin->code_point)) {
      result_.push_back(*begin);
      return;
    }
    segment_.clear();
    normal_.clear();
    for (auto at = begin; at != end; ++at) segment_.push_back(at->code_point);
    AppendNormalized(form_, segment_, &normal_);
    if (normal_ == segment_) {
      result_.insert(result_.end(), begin, end);
      return;
    }
    const TextRange whole{begin->range.begin, (end - 1)->range.end};
    for (const char32_t c : normal_) result_.push_back({c, whole});
  }

  const NormalForm form_;
  std::u32string segment_, normal_;
  Characters result_;
};

}  // namespace

Characters ReadCharacters(std::string_view text, TextRange range) {
  Characters characters;
  characters.reserve(range.size() / 2);
  for (std::size_t position = range.begin; position < range.end;) {
    const std::size_t begin = position;
    const char32_t c = NextCodePoint(text, &position);
    characters.push_back({c, {begin, position}});
  }
  return characters;
}

Characters NormalizedCharacters(NormalForm form, const Characters& characters) {
  return Normalizing(form).Run(characters);
}

}  // namespace radie
