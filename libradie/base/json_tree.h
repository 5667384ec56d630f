// A JSON document that is put together in any order and then written.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>  // IWYU pragma: keep (std::move in a template)
#include <vector>

namespace radie {

// Letting a tree go takes no memory, so that one may go where memory has just run out: the trees of
// nlohmann-json make a list of all that is in them for that, in a destructor, which ends the
// process when it cannot.
class JsonTree {
 public:
  struct Member;

  // NOLINTBEGIN(google-explicit-constructor): values are passed as they stand
  JsonTree(const char* text);
  JsonTree(const std::string& text);
  JsonTree(std::string_view text);  // ill-formed UTF-8 in it becomes U+FFFD
  JsonTree(std::uint64_t number);
  // NOLINTEND(google-explicit-constructor)

  // Which would become a number without sign and fraction.
  JsonTree(int) = delete;
  JsonTree(bool) = delete;
  JsonTree(double) = delete;

  // An object of these members, in this order. Their values are moved out of the list.
  JsonTree(std::initializer_list<Member> members);

  // An object without members.
  static JsonTree Object();

  // Of these values, in this order.
  template <typename... Items>
  static JsonTree Array(Items... items);

  // A number as JSON writes it, which is not checked.
  static JsonTree Number(std::string digits);

  // The object's member of that name; when there is none, a new one, the last: an empty object.
  JsonTree& operator[](std::string_view name);

  // To an array.
  void Append(JsonTree item);

  // Whether an object or array has no members.
  bool empty() const;

  // On one line, without spaces.
  std::string Text() const;

 private:
  enum class Kind { kToken, kArray, kObject };
  struct Item;

  explicit JsonTree(Kind kind);
  void AppendTo(std::string& out) const;

  Kind kind_ = Kind::kToken;
  std::string token_;        // kToken: as it is written
  std::vector<Item> items_;  // of the others
};

struct JsonTree::Member {
  std::string_view name;
  mutable JsonTree value;  // an initializer_list gives out nothing that could be moved otherwise
};

struct JsonTree::Item {
  std::string name;  // of an object's member
  JsonTree value;
};

template <typename... Items>
JsonTree JsonTree::Array(Items... items) {
  JsonTree array(Kind::kArray);
  (array.Append(std::move(items)), ...);
  return array;
}

}  // namespace radie
