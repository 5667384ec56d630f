// A JSON document that is put together in any order and then written.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace radie {

// Letting a tree go takes no memory, so that one may go where memory has just run out: the trees of
// nlohmann-json make a list of all that is in them for that, in a destructor, which ends the
// process when it cannot.
class JsonTree {
 public:
  struct Member;

  // NOLINTBEGIN(google-explicit-constructor): values are passed as they stand
  JsonTree(const char* text) : JsonTree(std::string_view(text)) {}
  JsonTree(const std::string& text) : JsonTree(std::string_view(text)) {}
  JsonTree(std::string_view text);
  JsonTree(std::uint64_t number);
  // NOLINTEND(google-explicit-constructor)

  // An object of these members, in this order. Their values are moved out of the list.
  JsonTree(std::initializer_list<Member> members);

  static JsonTree Object() { return JsonTree(Kind::kObject); }

  template <typename... Items>
  static JsonTree Array(Items... items) {
    JsonTree array(Kind::kArray);
    array.items_.reserve(sizeof...(items));
    (array.Append(std::move(items)), ...);
    return array;
  }

  // A number as JSON writes it.
  static JsonTree Number(std::string digits);

  // The object's member of that name; when there is none, a new one, the last: an empty object.
  JsonTree& operator[](std::string_view name);

  // To an array.
  void Append(JsonTree item) { items_.push_back(std::move(item)); }

  // Whether an object or array has no members.
  bool empty() const { return items_.empty(); }

  // On one line, without spaces.
  std::string Text() const;

 private:
  enum class Kind { kToken, kArray, kObject };

  explicit JsonTree(Kind kind) : kind_(kind) {}
  void AppendTo(std::string& out) const;

  Kind kind_ = Kind::kToken;
  std::string token_;               // kToken: as it is written
  std::vector<std::string> names_;  // kObject: names_[i] belongs to items_[i]
  std::vector<JsonTree> items_;
};

struct JsonTree::Member {
  std::string_view name;
  mutable JsonTree value;  // an initializer_list gives out nothing that could be moved otherwise
};

}  // namespace radie
