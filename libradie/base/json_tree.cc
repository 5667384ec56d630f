#include "libradie/base/json_tree.h"

#include <algorithm>
#include <cstddef>

#include "libradie/base/json_string.h"

namespace radie {

JsonTree::JsonTree(std::string_view text) { AppendJsonString(token_, text); }

JsonTree::JsonTree(std::uint64_t number) : token_(std::to_string(number)) {}

JsonTree::JsonTree(std::initializer_list<Member> members) : kind_(Kind::kObject) {
  names_.reserve(members.size());
  items_.reserve(members.size());
  for (const Member& member : members) {
    names_.emplace_back(member.name);
    items_.push_back(std::move(member.value));
  }
}

JsonTree JsonTree::Number(std::string digits) {
  JsonTree number(Kind::kToken);
  number.token_ = std::move(digits);
  return number;
}

JsonTree& JsonTree::operator[](std::string_view name) {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found != names_.end()) return items_[static_cast<std::size_t>(found - names_.begin())];
  names_.emplace_back(name);
  return items_.emplace_back(Object());
}

std::string JsonTree::Text() const {
  std::string out;
  AppendTo(out);
  return out;
}

void JsonTree::AppendTo(std::string& out) const {
  if (kind_ == Kind::kToken) {
    out += token_;
    return;
  }
  const bool object = kind_ == Kind::kObject;
  out += object ? '{' : '[';
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (i > 0) out += ',';
    if (object) {
      AppendJsonString(out, names_[i]);
      out += ':';
    }
    items_[i].AppendTo(out);
  }
  out += object ? '}' : ']';
}

}  // namespace radie
