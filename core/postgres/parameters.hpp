// The parameters of one statement in PostgreSQL's binary form.
// Values that belong to one thread. What is added is copied.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/uuid.hpp"

namespace eventsource::core::postgres {

// Object ids of built-in types (catalog/pg_type.dat): the same in every server.
enum class Oid : std::uint32_t { kInt8 = 20, kInt4 = 23, kText = 25, kJson = 114, kTimestamptz = 1184, kUuid = 2950 };

// PostgreSQL counts microseconds from 2000-01-01, this library from 1970-01-01.
constexpr std::int64_t kEpochDifferenceUs = 946'684'800'000'000;

// Whole numbers in network order.
template <typename Integer>
void append_number(std::string& out, Integer number) {
  for (int shift = static_cast<int>(sizeof number) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(static_cast<std::uint64_t>(number) >> shift & 0xFFU));
  }
}

// A one-dimensional array, made element by element.
class Array {
 public:
  explicit Array(Oid type);

  void add(std::int32_t number);
  void add(std::int64_t number);
  void add_time(std::int64_t us);
  void add(const Uuid& id);
  void add(const std::optional<Uuid>& id);
  void add(std::string_view text);
  void add(std::optional<std::string_view> text);
  void add_joined(std::initializer_list<std::string_view> texts);
  void add_null();

  // The value that a parameter takes; nothing can be added afterwards.
  [[nodiscard]] std::string finish() &&;

 private:
  void begin_element(std::size_t size);

  std::string bytes_;
  std::uint32_t count_ = 0;
  bool has_null_ = false;
};

class Parameters {
 public:
  void add(std::int32_t number);
  void add(std::int64_t number);
  void add_time(std::int64_t us);
  void add(const Uuid& id);
  void add(std::string_view text);
  void add_joined(std::initializer_list<std::string_view> texts);
  void add(Array&& array);
  template <typename T>
  void add(const std::optional<T>& value) {
    if (value) {
      add(*value);
    } else {
      add_null();
    }
  }
  void add_null();

  [[nodiscard]] int count() const { return static_cast<int>(values_.size()); }
  // All of them together.
  [[nodiscard]] std::size_t bytes() const;
  // nullptr for null.
  [[nodiscard]] const char* data(int index) const { return is_null_[at(index)] ? nullptr : values_[at(index)].data(); }
  [[nodiscard]] int size(int index) const { return static_cast<int>(values_[at(index)].size()); }

 private:
  static std::size_t at(int index) { return static_cast<std::size_t>(index); }
  std::string& next(bool is_null = false);

  std::vector<std::string> values_;
  std::vector<bool> is_null_;
};

}  // namespace eventsource::core::postgres
