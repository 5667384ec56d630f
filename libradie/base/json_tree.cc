#include "libradie/base/json_tree.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "libradie/base/json_string.h"

namespace radie {

JsonTree::JsonTree(const char* text) : JsonTree(std::string_view(text)) {}

JsonTree::JsonTree(const std::string& text) : JsonTree(std::string_view(text)) {}

JsonTree::JsonTree(std::string_view text) { AppendJsonString(token_, text); }

JsonTree::JsonTree(std::uint64_t number) : token_(std::to_string(number)) {}

JsonTree::JsonTree(Kind kind) : kind_(kind) {}

JsonTree::JsonTree(std::initializer_list<Member> members) : kind_(Kind::kObject) {
  items_.reserve(members.size());
  for (const Member& member : members) {
    items_.push_back({std::string(member.name), std::move(member.value)});
  }
}

JsonTree JsonTree::Object() { return JsonTree(Kind::kObject); }

JsonTree JsonTree::Number(std::string digits) {
  JsonTree number(Kind::kToken);
  number.token_ = std::move(digits);
  return number;
}

JsonTree& JsonTree::operator[](std::string_view name) {
  const auto found = std::find_if(items_.begin(), items_.end(),
                                  [&](const Item& item) { return item.name == name; });
  if (found != items_.end()) return found->value;
  items_.push_back({std::string(name), Object()});
  return items_.back().value;
}

void JsonTree::Append(JsonTree item) { items_.push_back({"", std::move(item)}); }

bool JsonTree::empty() const { return items_.empty(); }

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
      AppendJsonString(out, items_[i].name);
      out += ':';
    }
    items_[i].value.AppendTo(out);
  }
  out += object ? '}' : ']';
}

}  // namespace radie
