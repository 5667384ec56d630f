// A strict look at pages that radie writes: a subset of HTML that is XML but for void elements.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace radie::fuzz {

// Tags are balanced, attributes quoted and there once, ids there once, links lead to them; no
// script, no style from outside, no controls; every & begins one of the references that radie
// writes.
class HtmlCheck {
 public:
  // `elsewhere`: an id that links of a part of a page may lead to.
  explicit HtmlCheck(std::string_view page, std::string_view elsewhere = "")
      : page_(page), elsewhere_(elsewhere) {}

  void Run() {
    while (at_ < page_.size()) {
      const char c = page_[at_];
      if (c == '<') {
        ASSERT_NO_FATAL_FAILURE(Tag());
      } else {
        ASSERT_NO_FATAL_FAILURE(Text(c));
      }
    }
    ASSERT_TRUE(open_.empty()) << open_.back();
    for (const std::string& link : links_) {
      ASSERT_TRUE(ids_.count(link) == 1 || link == elsewhere_) << link;
    }
  }

 private:
  void Text(char c) {
    const bool control = static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t';
    ASSERT_FALSE(control || c == 0x7F) << int{c};
    ASSERT_NE(c, '>') << page_.substr(at_ < 40 ? 0 : at_ - 40, 80);
    if (c == '&') {
      ASSERT_NO_FATAL_FAILURE(Reference());
    }
    ++at_;
  }

  void Reference() {
    static constexpr std::array<std::string_view, 7> kKnown = {
        "&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&nbsp;", "&#8203;"};
    const bool known = std::any_of(kKnown.begin(), kKnown.end(), [&](std::string_view reference) {
      return page_.substr(at_, reference.size()) == reference;
    });
    ASSERT_TRUE(known) << page_.substr(at_, 20);
  }

  std::string Name() {
    const std::size_t begin = at_;
    while (at_ < page_.size() &&
           (std::isalnum(static_cast<unsigned char>(page_[at_])) || page_[at_] == '-')) {
      ++at_;
    }
    return std::string(page_.substr(begin, at_ - begin));
  }

  bool Skip(std::string_view what) {
    if (page_.substr(at_, what.size()) != what) return false;
    at_ += what.size();
    return true;
  }

  void Tag() {
    if (Skip("<!DOCTYPE html>")) return;
    ++at_;
    const bool closes = Skip("/");
    const std::string name = Name();
    ASSERT_FALSE(name.empty()) << page_.substr(at_, 20);
    static const std::set<std::string> kForbidden = {"script", "iframe", "object", "embed", "link",
                                                     "base",   "form",   "img",    "svg"};
    ASSERT_EQ(kForbidden.count(name), 0U) << name;
    if (closes) {
      ASSERT_TRUE(Skip(">"));
      ASSERT_FALSE(open_.empty()) << name;
      ASSERT_EQ(open_.back(), name);
      open_.pop_back();
      return;
    }
    std::set<std::string> attributes;
    while (Skip(" ")) {
      ASSERT_NO_FATAL_FAILURE(Attribute(&attributes));
    }
    ASSERT_TRUE(Skip(">")) << name << page_.substr(at_, 20);
    static const std::set<std::string> kVoid = {"meta", "br", "wbr", "hr", "col", "input"};
    if (kVoid.count(name) == 0) open_.push_back(name);
    if (name == "style") at_ = std::min(page_.find("</style>", at_), page_.size());
  }

  void Attribute(std::set<std::string>* attributes) {
    const std::string name = Name();
    ASSERT_FALSE(name.empty());
    ASSERT_NE(name.substr(0, 2), "on");
    ASSERT_TRUE(attributes->insert(name).second) << name;
    if (!Skip("=")) return;  // hidden, open
    ASSERT_TRUE(Skip("\"")) << name;
    const std::size_t end = page_.find('"', at_);
    ASSERT_NE(end, page_.npos);
    const std::size_t begin = at_;
    for (; at_ < end; ++at_) {
      ASSERT_TRUE(page_[at_] != '<' && page_[at_] != '>');
      if (page_[at_] == '&') {
        ASSERT_NO_FATAL_FAILURE(Reference());
      }
    }
    ++at_;
    const std::string value(page_.substr(begin, end - begin));
    if (name == "id") {
      ASSERT_TRUE(ids_.insert(value).second) << value;
    }
    if (name != "href") return;
    ASSERT_EQ(value.substr(0, 1), "#");
    links_.insert(value.substr(1));
  }

  std::string_view page_, elsewhere_;
  std::size_t at_ = 0;
  std::vector<std::string> open_;
  std::set<std::string> ids_, links_;
};

}  // namespace radie::fuzz
