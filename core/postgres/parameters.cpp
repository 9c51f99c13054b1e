#include "core/postgres/parameters.hpp"

namespace eventsource::core::postgres {
namespace {

// Dimensions, whether there are nulls, the type of the elements, how many there are, and the index of the first.
constexpr std::size_t kHeaderSize = 20;
constexpr std::uint32_t kFirstIndex = 1;

void put_number(std::string& bytes, std::size_t at, std::uint32_t number) {
  std::string text;
  append_number(text, number);
  bytes.replace(at, text.size(), text);
}

}  // namespace

Array::Array(Oid type) : bytes_(kHeaderSize, '\0') {
  put_number(bytes_, 8, static_cast<std::uint32_t>(type));
  put_number(bytes_, 16, kFirstIndex);
}

void Array::begin_element(std::size_t size) {
  append_number(bytes_, static_cast<std::uint32_t>(size));
  ++count_;
}

void Array::add(std::int32_t number) {
  begin_element(sizeof number);
  append_number(bytes_, number);
}

void Array::add(std::int64_t number) {
  begin_element(sizeof number);
  append_number(bytes_, number);
}

void Array::add_time(std::int64_t us) {
  add(us - kEpochDifferenceUs);
}

void Array::add(const Uuid& id) {
  begin_element(id.bytes.size());
  bytes_.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
}

void Array::add(const std::optional<Uuid>& id) {
  if (id) {
    add(*id);
  } else {
    add_null();
  }
}

void Array::add(std::string_view text) {
  begin_element(text.size());
  bytes_.append(text);
}

void Array::add(std::optional<std::string_view> text) {
  if (text) {
    add(*text);
  } else {
    add_null();
  }
}

void Array::add_joined(std::initializer_list<std::string_view> texts) {
  std::size_t size = 0;
  for (const std::string_view text : texts) size += text.size();
  begin_element(size);
  for (const std::string_view text : texts) bytes_.append(text);
}

void Array::add_null() {
  append_number(bytes_, std::int32_t{-1});
  ++count_;
  has_null_ = true;
}

std::string Array::finish() && {
  // An empty array has no dimension, and ends before the number of elements.
  if (count_ == 0) {
    bytes_.resize(12);
    return std::move(bytes_);
  }
  put_number(bytes_, 0, 1);
  put_number(bytes_, 4, has_null_ ? 1 : 0);
  put_number(bytes_, 12, count_);
  return std::move(bytes_);
}

std::size_t Parameters::bytes() const {
  std::size_t bytes = 0;
  for (const std::string& value : values_) bytes += value.size();
  return bytes;
}

std::string& Parameters::next(bool is_null) {
  is_null_.push_back(is_null);
  return values_.emplace_back();
}

void Parameters::add(std::int32_t number) {
  append_number(next(), number);
}

void Parameters::add(std::int64_t number) {
  append_number(next(), number);
}

void Parameters::add_time(std::int64_t us) {
  add(us - kEpochDifferenceUs);
}

void Parameters::add(const Uuid& id) {
  next().assign(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
}

void Parameters::add(std::string_view text) {
  next().assign(text);
}

void Parameters::add_joined(std::initializer_list<std::string_view> texts) {
  std::string& value = next();
  for (const std::string_view text : texts) value.append(text);
}

void Parameters::add(Array&& array) {
  next() = std::move(array).finish();
}

void Parameters::add_null() {
  next(true);
}

}  // namespace eventsource::core::postgres
