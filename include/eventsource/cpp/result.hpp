// Result<T>: a value or the error that is there instead. Every function that can fail returns one.
//
//     auto head = store.head();
//     if (!head) return head.error();        // errors as values
//     use(*head);
//
//     use(store.head().value());             // or as exceptions: value() throws eventsource::Exception
#pragma once

#include <cassert>
#include <optional>
#include <utility>

#include "eventsource/cpp/error.hpp"

namespace eventsource {

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Error error) : error_(std::move(error)) { assert(error_.code() != ES_OK); }

  [[nodiscard]] bool ok() const noexcept { return value_.has_value(); }
  [[nodiscard]] explicit operator bool() const noexcept { return ok(); }

  // The error; one with code ES_OK when there is a value.
  [[nodiscard]] const Error& error() const& noexcept { return error_; }
  [[nodiscard]] Error error() && noexcept { return std::move(error_); }

  // The value, unchecked: only after ok().
  [[nodiscard]] T& operator*() & noexcept { return assert(ok()), *value_; }
  [[nodiscard]] const T& operator*() const& noexcept { return assert(ok()), *value_; }
  [[nodiscard]] T operator*() && { return assert(ok()), *std::move(value_); }
  [[nodiscard]] T* operator->() noexcept { return assert(ok()), &*value_; }
  [[nodiscard]] const T* operator->() const noexcept { return assert(ok()), &*value_; }

  [[nodiscard]] T value_or(T other) const& { return ok() ? *value_ : std::move(other); }
  [[nodiscard]] T value_or(T other) && { return ok() ? *std::move(value_) : std::move(other); }

#if EVENTSOURCE_EXCEPTIONS
  // The value; throws Exception when there is none. From a temporary by value, so that a loop may be over it.
  T& value() & { return check(), *value_; }
  const T& value() const& { return check(), *value_; }
  T value() && { return check(), *std::move(value_); }
#endif

 private:
#if EVENTSOURCE_EXCEPTIONS
  void check() const {
    if (!ok()) throw Exception(error_);
  }
#endif

  std::optional<T> value_;
  Error error_;
};

// The result of a call that gives nothing back but success.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() noexcept = default;
  Result(Error error) : error_(std::move(error)) { assert(error_.code() != ES_OK); }

  [[nodiscard]] bool ok() const noexcept { return error_.code() == ES_OK; }
  [[nodiscard]] explicit operator bool() const noexcept { return ok(); }
  [[nodiscard]] const Error& error() const& noexcept { return error_; }
  [[nodiscard]] Error error() && noexcept { return std::move(error_); }

#if EVENTSOURCE_EXCEPTIONS
  void value() const {
    if (!ok()) throw Exception(error_);
  }
#endif

 private:
  Error error_;
};

}  // namespace eventsource
