// Errors as values, and the exception that carries one. Immutable: any number of threads may read one error.
//
// With -fno-exceptions, Exception and every function that throws it (Result::value, loops over an EventRange) are not
// there: what would have thrown does not compile. EVENTSOURCE_EXCEPTIONS says which it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "eventsource/error.h"

#if defined(__cpp_exceptions)
#define EVENTSOURCE_EXCEPTIONS 1
#include <stdexcept>
#include <string>
#else
#define EVENTSOURCE_EXCEPTIONS 0
#endif

namespace eventsource {

// What is known of the work of a call that failed.
enum class Outcome : std::int32_t {
  kNotApplied = ES_OUTCOME_NOT_APPLIED,
  kApplied = ES_OUTCOME_APPLIED,
  kUnknown = ES_OUTCOME_UNKNOWN,
};

// What went wrong. Copies share the same error. Texts live as long as one of the copies.
class Error {
 public:
  // No error: code ES_OK and an empty message.
  Error() noexcept = default;

  // An error of a C function; takes over `error`.
  Error(es_status code, es_error* error)
      : code_(code), error_(error, [](es_error* owned) { es_error_close(&owned); }) {}

  // An error of this C++ API itself. `message` is a literal.
  Error(es_status code, const char* message) noexcept : code_(code), message_(message) {}

  // One of ES_*, negative; ES_OK when there is no error. name() is its name, kind() its range (status.h).
  [[nodiscard]] es_status code() const noexcept { return code_; }
  [[nodiscard]] const char* name() const noexcept { return es_status_name(code_); }
  [[nodiscard]] es_status kind() const noexcept { return es_status_kind(code_); }

  // What happened, to which thing, and what to do next. NUL-terminated.
  [[nodiscard]] std::string_view message() const noexcept { return error_ ? es_error_message(error_.get()) : message_; }

  // One detail, by a key of error.h. `key` is NUL-terminated.
  [[nodiscard]] std::optional<std::string_view> detail(const char* key) const noexcept {
    const char* value = es_error_detail(error_.get(), key);
    return value == nullptr ? std::nullopt : std::optional<std::string_view>(value);
  }
  [[nodiscard]] std::size_t detail_count() const noexcept { return es_error_detail_count(error_.get()); }
  // The index-th detail as key and value; two empty texts past the end.
  [[nodiscard]] std::pair<std::string_view, std::string_view> detail_at(std::size_t index) const noexcept {
    const char* key = "";
    const char* value = "";
    static_cast<void>(es_error_detail_at(error_.get(), index, &key, &value));
    return {key, value};
  }

  // The same call may succeed if it is made again as it is. A conflict wants a fresh look at the stream first.
  [[nodiscard]] bool retryable() const noexcept { return es_error_is_retryable(error_.get()) != 0; }
  [[nodiscard]] Outcome outcome() const noexcept { return static_cast<Outcome>(es_error_outcome(error_.get())); }
  [[nodiscard]] std::string_view sqlstate() const noexcept { return es_error_sqlstate(error_.get()); }

 private:
  es_status code_ = ES_OK;
  const char* message_ = "";
  std::shared_ptr<const es_error> error_;
};

namespace detail {

// Calls a C function with an es_error** added, unless `error` holds an earlier error already; keeps the new one there.
template <class Function, class... Arguments>
void check(Error& error, Function* function, Arguments... arguments) {
  if (error.code() != ES_OK) return;
  es_error* err = nullptr;
  if (const es_status code = function(arguments..., &err)) error = Error(code, err);
}

}  // namespace detail

#if EVENTSOURCE_EXCEPTIONS
// Thrown by Result::value and by loops over an EventRange. what() is the error's message.
class Exception : public std::runtime_error {
 public:
  explicit Exception(Error error) : std::runtime_error(std::string(error.message())), error_(std::move(error)) {}

  [[nodiscard]] const Error& error() const noexcept { return error_; }
  [[nodiscard]] es_status code() const noexcept { return error_.code(); }

 private:
  Error error_;
};
#endif

}  // namespace eventsource
