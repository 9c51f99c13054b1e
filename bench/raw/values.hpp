// The parameters of one statement, and what comes back, in PostgreSQL's binary forms. Values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

template <typename Integer>
void put_number(std::string& out, Integer number) {
  for (int shift = static_cast<int>(sizeof number) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(static_cast<std::uint64_t>(number) >> shift & 0xffU));
  }
}

[[nodiscard]] inline std::int64_t number_at(const char* bytes) {
  std::uint64_t number = 0;
  for (int i = 0; i < 8; ++i) number = number << 8U | static_cast<unsigned char>(bytes[i]);
  return static_cast<std::int64_t>(number);
}

// From microseconds since 1970 to those since 2000.
constexpr std::int64_t kEpochUs = 946'684'800'000'000;

class Values {
 public:
  // Bytes that outlive the sending.
  void add(std::string_view bytes) {
    bytes_.push_back(bytes.data());
    sizes_.push_back(static_cast<int>(bytes.size()));
    formats_.push_back(1);
  }
  void add_null() { add(std::string_view()); }
  // Bytes that are kept here.
  void keep(std::string bytes) { add(kept_.emplace_back(std::move(bytes))); }
  template <typename Integer>
  void add_number(Integer number) {
    std::string bytes;
    put_number(bytes, number);
    keep(std::move(bytes));
  }

  [[nodiscard]] int count() const noexcept { return static_cast<int>(bytes_.size()); }
  [[nodiscard]] const char* const* bytes() const noexcept { return bytes_.data(); }
  [[nodiscard]] const int* sizes() const noexcept { return sizes_.data(); }
  [[nodiscard]] const int* formats() const noexcept { return formats_.data(); }

 private:
  std::vector<const char*> bytes_;  // a null pointer stands for NULL
  std::vector<int> sizes_;
  std::vector<int> formats_;
  std::deque<std::string> kept_;
};

// An array of one dimension, element by element.
class Array {
 public:
  // `type` is the elements' oid.
  Array(std::uint32_t type, std::size_t count) {
    constexpr std::int32_t kDimensions = 1;
    constexpr std::int32_t kMayHaveNulls = 1;
    constexpr std::int32_t kFirstIndex = 1;
    put_number(bytes_, kDimensions);
    put_number(bytes_, kMayHaveNulls);
    put_number(bytes_, type);
    put_number(bytes_, static_cast<std::int32_t>(count));
    put_number(bytes_, kFirstIndex);
  }

  void add(std::string_view element) {
    put_number(bytes_, static_cast<std::int32_t>(element.size()));
    bytes_ += element;
  }
  void add_null() { put_number(bytes_, std::int32_t{-1}); }
  template <typename Integer>
  void add_number(Integer number) {
    put_number(bytes_, static_cast<std::int32_t>(sizeof number));
    put_number(bytes_, number);
  }

  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};
