// JSON as it is written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace radie::fuzz {

using nlohmann::json;

// Reads JSON in which no object has a key twice. A number stands for its digits: {"number":"7.50"}.
class ExactJson : private nlohmann::json_sax<json> {
 public:
  // Null, which no writer here makes, for what is no such JSON.
  static json Read(const std::string& text) {
    ExactJson reader;
    if (!json::sax_parse(text, static_cast<nlohmann::json_sax<json>*>(&reader))) return nullptr;
    return std::move(reader.root_);
  }

  static json Number(std::string digits) { return {{"number", std::move(digits)}}; }

 private:
  bool null() override { return Put(nullptr); }
  bool boolean(bool value) override { return Put(value); }
  bool number_integer(std::int64_t value) override { return Put(Number(std::to_string(value))); }
  bool number_unsigned(std::uint64_t value) override { return Put(Number(std::to_string(value))); }
  bool number_float(double, const std::string& digits) override { return Put(Number(digits)); }
  bool string(std::string& value) override { return Put(std::move(value)); }
  bool binary(json::binary_t&) override { return false; }  // JSON has none
  bool start_object(std::size_t) override { return Open(json::object()); }
  bool start_array(std::size_t) override { return Open(json::array()); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool key(std::string& name) override {
    key_ = std::move(name);
    return !open_.back()->contains(key_);
  }
  bool parse_error(std::size_t, const std::string&, const json::exception&) override {
    return false;
  }

  json* Place(json value) {
    if (open_.empty()) return &(root_ = std::move(value));
    json& parent = *open_.back();
    if (parent.is_object()) return &(parent[key_] = std::move(value));
    parent.push_back(std::move(value));
    return &parent.back();
  }
  bool Put(json value) { return Place(std::move(value)) != nullptr; }
  bool Open(json value) {
    open_.push_back(Place(std::move(value)));
    return true;
  }
  bool Close() {
    open_.pop_back();
    return true;
  }

  json root_;
  std::vector<json*> open_;  // what is being read, from the root on
  std::string key_;
};

}  // namespace radie::fuzz
