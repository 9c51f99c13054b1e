// Result<T>, Status and Error: how a function of the core says that it failed.
// Values; a Result belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "eventsource/error.h"
#include "eventsource/status.h"

namespace eventsource::core {

// What went wrong, in the terms of error.h. Built fluently where it happens:
//   return Error(ES_VERSION_CONFLICT, "…").detail("expected_version", 3);
class Error {
 public:
  Error(es_status code, std::string message) : code_(code), message_(std::move(message)) {}

  Error&& detail(const char* key, std::string value) &&;
  Error&& detail(const char* key, std::int64_t value) &&;
  // Says in front which of several things the error is about.
  Error&& in(const std::string& place) &&;
  Error&& retryable() &&;
  Error&& outcome(std::int32_t outcome) &&;
  // Of the database server that refused.
  Error&& sqlstate(std::string state) &&;

  [[nodiscard]] es_status code() const { return code_; }
  [[nodiscard]] const std::string& message() const { return message_; }
  [[nodiscard]] bool is_retryable() const { return retryable_; }
  [[nodiscard]] std::int32_t outcome() const { return outcome_; }
  [[nodiscard]] const std::string& sqlstate() const { return sqlstate_; }

  struct Detail {
    const char* key;  // a literal
    std::string value;
  };
  [[nodiscard]] const std::vector<Detail>& details() const { return details_; }

 private:
  es_status code_;
  std::int32_t outcome_ = ES_OUTCOME_NOT_APPLIED;
  bool retryable_ = false;
  std::string message_;
  std::string sqlstate_;
  std::vector<Detail> details_;
};

// Success, or an error.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::make_unique<Error>(std::move(error))) {}

  [[nodiscard]] bool ok() const { return error_ == nullptr; }
  [[nodiscard]] const Error& error() const { return *error_; }
  [[nodiscard]] Error take_error() && { return std::move(*error_); }

 private:
  template <typename T>
  friend class Result;

  explicit Status(std::unique_ptr<Error> error) : error_(std::move(error)) {}

  std::unique_ptr<Error> error_;
};

// A value, or an error. An error goes from one to the next without any memory: what it says of a write must not get lost.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}
  Result(Error error) : state_(std::make_unique<Error>(std::move(error))) {}
  Result(Status failed) : state_(std::move(failed.error_)) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  [[nodiscard]] T& value() & { return std::get<0>(state_); }
  [[nodiscard]] const T& value() const& { return std::get<0>(state_); }
  [[nodiscard]] T&& value() && { return std::get<0>(std::move(state_)); }
  [[nodiscard]] const Error& error() const { return *std::get<1>(state_); }
  [[nodiscard]] Status status() && { return ok() ? Status() : Status(std::move(std::get<1>(state_))); }

 private:
  std::variant<T, std::unique_ptr<Error>> state_;
};

}  // namespace eventsource::core

// Leaves the function with the error of `expression`, a Status, if it has one.
#define RETURN_IF_ERROR(expression)                                                        \
  do {                                                                                     \
    if (::eventsource::core::Status status_ = (expression); !status_.ok()) return status_; \
  } while (false)

// `target = expression` for a Result, or leaves the function with its error.
#define ASSIGN_OR_RETURN(target, expression) \
  ASSIGN_OR_RETURN_NAMED_(target, expression, RESULT_JOIN_(result_, __LINE__))
#define ASSIGN_OR_RETURN_NAMED_(target, expression, name) \
  auto name = (expression);                               \
  if (!name.ok()) return std::move(name).status();        \
  target = std::move(name).value()
#define RESULT_JOIN_(a, b) RESULT_JOIN_TOKENS_(a, b)
#define RESULT_JOIN_TOKENS_(a, b) a##b
