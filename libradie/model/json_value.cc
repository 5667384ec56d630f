#include "libradie/model/json_value.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <iterator>
// It would end the process where the host's decimal point is not one byte: ReadNumber.
#define JSON_ASSERT(condition) static_cast<void>(0)
#include <nlohmann/json.hpp>
#include <numeric>
#include <system_error>
#include <utility>

#include "libradie/model/quoted.h"
#include "radie/error.h"

namespace radie {
namespace {

// A type of this file alone, so that the parser's code for it is, too: of what has a common name a
// linker keeps one copy, and may take a host's, with asserts.
class Cursor {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  explicit Cursor(const char* at) : at_(at) {}
  reference operator*() const { return *at_; }
  Cursor& operator++() {
    ++at_;
    return *this;
  }
  Cursor operator++(int) { return Cursor(at_++); }
  bool operator==(const Cursor&) const = default;

 private:
  const char* at_;
};

constexpr std::size_t kMaxDepth = 16;
constexpr std::size_t kMaxValues = 2'000'000;

// The parser's own value is strtod's, in the host's locale: it puts the first byte of the locale's
// decimal point into the token, and where there are more (U+066B in ps_AF) reads no further.
// Nothing where no double comes near the number.
std::optional<double> ReadNumber(std::string token) {
  const auto is_point = [](char c) {
    return !(c >= '0' && c <= '9') && c != '-' && c != '+' && c != 'e' && c != 'E';
  };
  std::replace_if(token.begin(), token.end(), is_point, '.');
  double value = 0;
  const auto error = std::from_chars(token.data(), token.data() + token.size(), value).ec;
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

// Builds the value out of the parser's events. Every event answers whether to go on; the first that
// does not leaves its reason in problem().
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  JsonValue TakeRoot() { return std::move(root_); }
  const std::string& problem() const { return problem_; }
  std::size_t position() const { return position_; }

  bool null() override { return Add(JsonValue::Kind::kNull) != nullptr; }
  bool boolean(bool value) override {
    JsonValue* added = Add(JsonValue::Kind::kBoolean);
    if (added != nullptr) added->boolean = value;
    return added != nullptr;
  }
  bool number_integer(number_integer_t value) override {
    return AddNumber(static_cast<double>(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    JsonValue* added = Add(JsonValue::Kind::kUnsigned);
    if (added == nullptr) return false;
    added->integer = value;
    added->number = static_cast<double>(value);
    return true;
  }
  bool number_float(number_float_t, const string_t& token) override {
    const std::optional<double> value = ReadNumber(token);
    return value ? AddNumber(*value) : Fail("a number that is no double");
  }
  bool string(string_t& value) override {
    JsonValue* added = Add(JsonValue::Kind::kString);
    if (added != nullptr) added->text = std::move(value);
    return added != nullptr;
  }
  bool binary(binary_t&) override { return Fail("binary data"); }  // JSON text has none

  bool start_object(std::size_t) override { return Open(JsonValue::Kind::kObject); }
  bool key(string_t& value) override {
    open_.back()->keys.push_back(std::move(value));
    return true;
  }
  bool end_object() override {
    const std::vector<std::string>& keys = open_.back()->keys;
    std::vector<std::size_t> order(keys.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return keys[a] < keys[b]; });
    for (std::size_t i = 1; i < order.size(); ++i) {
      if (keys[order[i - 1]] == keys[order[i]]) {
        return Fail("duplicate key " + Quoted(keys[order[i]]));
      }
    }
    open_.pop_back();
    return true;
  }
  bool start_array(std::size_t) override { return Open(JsonValue::Kind::kArray); }
  bool end_array() override {
    open_.pop_back();
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    position_ = position == 0 ? 0 : position - 1;  // the parser counts bytes read
    return Fail("not valid JSON at byte " + std::to_string(position_));
  }

 private:
  bool Fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  // Appends a value to the innermost open container; nullptr when there are too many.
  JsonValue* Add(JsonValue::Kind kind) {
    if (++values_ > kMaxValues) {
      Fail("more than " + std::to_string(kMaxValues) + " JSON values");
      return nullptr;
    }
    JsonValue* added = &root_;
    if (!open_.empty()) added = &open_.back()->items.emplace_back();
    added->kind = kind;
    return added;
  }

  bool AddNumber(double value) {
    JsonValue* added = Add(JsonValue::Kind::kNumber);
    if (added != nullptr) added->number = value;
    return added != nullptr;
  }

  bool Open(JsonValue::Kind kind) {
    if (open_.size() == kMaxDepth) {
      return Fail("JSON nested deeper than " + std::to_string(kMaxDepth) + " levels");
    }
    JsonValue* added = Add(kind);
    if (added == nullptr) return false;
    open_.push_back(added);
    return true;
  }

  JsonValue root_;
  std::vector<JsonValue*> open_;  // stay valid: only the innermost container grows
  std::size_t values_ = 0;
  std::size_t position_ = 0;
  std::string problem_;
};

}  // namespace

const JsonValue* JsonValue::Find(std::string_view key) const {
  const auto found = std::find(keys.begin(), keys.end(), key);
  return found == keys.end() ? nullptr : &items[static_cast<std::size_t>(found - keys.begin())];
}

JsonValue ParseJson(std::string_view text, const std::string& what,
                    std::optional<std::size_t> offset) {
  // The parser takes a NUL for the end of its input: what follows would go unread.
  const std::size_t nul = text.find('\0');
  Builder builder;
  if (nul == std::string_view::npos &&
      nlohmann::json::sax_parse(Cursor(text.data()), Cursor(text.data() + text.size()), &builder)) {
    return builder.TakeRoot();
  }
  std::size_t position = nul == std::string_view::npos ? builder.position() : nul;
  const std::string problem = nul == std::string_view::npos
                                  ? builder.problem()
                                  : "not valid JSON at byte " + std::to_string(position);
  if (offset) offset = *offset + position;
  throw Error(ErrorCode::kInvalidModel, what + ": " + problem, offset);
}

}  // namespace radie
