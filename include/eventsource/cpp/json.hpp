// Raw JSON: a look into an event without a parser. Pure functions; nothing is copied or kept.
//
//     for (const Member& member : members(event.data())) …
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "eventsource/cpp/result.hpp"
#include "eventsource/json.h"

namespace eventsource {

// One member of an object, in place: the key between its quotes, escapes as they stand, and the bytes of the value.
struct Member {
  std::string_view key;
  std::string_view value;
};

// The members of an object, in order. Ends early where it is no JSON object from there on: check foreign text first.
class Members {
 public:
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Member;
    using reference = const Member&;
    using pointer = const Member*;
    using difference_type = std::ptrdiff_t;

    Iterator() noexcept = default;
    explicit Iterator(std::string_view object) noexcept : object_(object) { ++*this; }

    reference operator*() const noexcept { return member_; }
    pointer operator->() const noexcept { return &member_; }
    Iterator& operator++() noexcept {
      const char* key = nullptr;
      const char* value = nullptr;
      std::size_t key_length = 0;
      std::size_t value_length = 0;
      at_end_ = es_json_next(object_.data(), object_.size(), &cursor_, &key, &key_length, &value, &value_length) != 1;
      if (!at_end_) member_ = {{key, key_length}, {value, value_length}};
      return *this;
    }
    Iterator operator++(int) noexcept {
      Iterator before = *this;
      ++*this;
      return before;
    }

    friend bool operator==(const Iterator& a, const Iterator& b) noexcept {
      return a.at_end_ == b.at_end_ && (a.at_end_ || a.cursor_ == b.cursor_);
    }
    friend bool operator==(const Iterator& i, std::default_sentinel_t) noexcept { return i.at_end_; }

   private:
    std::string_view object_;
    std::size_t cursor_ = 0;
    Member member_;
    bool at_end_ = true;
  };

  explicit Members(std::string_view object) noexcept : object_(object) {}

  [[nodiscard]] Iterator begin() const noexcept { return Iterator(object_); }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

 private:
  std::string_view object_;
};

[[nodiscard]] inline Members members(std::string_view object) noexcept {
  return Members(object);
}

// Is this what an append takes as user data? ES_INVALID_JSON, with the detail "offset".
inline Result<void> check_data(std::string_view json) {
  Error error;
  detail::check(error, es_json_check_data, json.data(), json.size());
  if (error.code() != ES_OK) return error;
  return {};
}

}  // namespace eventsource
