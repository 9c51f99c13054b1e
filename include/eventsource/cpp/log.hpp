// A log: what the engine has to tell beside the results of calls (log.h). Its owner pulls the records.
//
//     es::Log log = es::Log::create(es::LogLevel::kInfo).value();
//     auto store = es::Store::open(url, es::Options().log(log));
//     while (auto record = log.take().value()) std::cerr << record->json() << '\n';
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "eventsource/cpp/handle.hpp"
#include "eventsource/cpp/result.hpp"
#include "eventsource/cpp/time.hpp"
#include "eventsource/log.h"

namespace eventsource {

enum class LogLevel : std::int32_t {
  kTrace = ES_LOG_TRACE,
  kDebug = ES_LOG_DEBUG,
  kInfo = ES_LOG_INFO,
  kWarning = ES_LOG_WARNING,
  kError = ES_LOG_ERROR,
  kOff = ES_LOG_OFF,
};

// "info"; empty for a number that is no level.
[[nodiscard]] inline std::string_view name_of(LogLevel level) noexcept {
  const char* const name = es_log_level_name(static_cast<std::int32_t>(level));
  return name == nullptr ? std::string_view() : name;
}

// One record; any number of threads may read it. Texts live as long as the record.
class LogRecord {
 public:
  // Takes over `record`.
  explicit LogRecord(es_log_record* record) noexcept : record_(record) {}

  [[nodiscard]] Time time() const noexcept { return time_from_micros(es_log_record_time(record_.get())); }
  [[nodiscard]] LogLevel level() const noexcept { return static_cast<LogLevel>(es_log_record_level(record_.get())); }
  [[nodiscard]] std::string_view logger() const noexcept { return text(es_log_record_logger(record_.get())); }
  [[nodiscard]] std::string_view message() const noexcept { return text(es_log_record_message(record_.get())); }

  [[nodiscard]] std::size_t field_count() const noexcept { return es_log_record_field_count(record_.get()); }
  // The index-th detail as key and text; two empty texts past the end.
  [[nodiscard]] std::pair<std::string_view, std::string_view> field_at(std::size_t index) const noexcept {
    const char* key = "";
    const char* value = "";
    static_cast<void>(es_log_record_field_at(record_.get(), index, &key, &value));
    return {key, value};
  }
  [[nodiscard]] std::optional<std::string_view> field(std::string_view key) const noexcept {
    for (std::size_t i = 0; i < field_count(); ++i) {
      if (const auto [name, value] = field_at(i); name == key) return value;
    }
    return std::nullopt;
  }

  // All of it as one line of JSON.
  [[nodiscard]] std::string_view json() const noexcept {
    std::size_t length = 0;
    const char* const line = es_log_record_json(record_.get(), &length);
    return {line, length};
  }

 private:
  static std::string_view text(const char* text) noexcept { return text == nullptr ? std::string_view() : text; }

  detail::Handle<es_log_record, es_log_record_close> record_;
};

// Copies are references to the same log; any number of threads.
class Log {
 public:
  static Result<Log> create(LogLevel level, std::int64_t capacity = ES_LOG_RECORDS_DEFAULT) {
    es_log* log = nullptr;
    Error error;
    detail::check(error, es_log_new, static_cast<std::int32_t>(level), capacity, &log);
    if (error.code() != ES_OK) return error;
    return Log(log);
  }

  Log(const Log& other) noexcept : log_(es_log_retain(other.get())) {}
  Log(Log&&) noexcept = default;
  Log& operator=(Log other) noexcept {
    log_ = std::move(other.log_);
    return *this;
  }
  ~Log() = default;

  // The oldest record, if there is one.
  Result<std::optional<LogRecord>> take() const {
    es_log_record* record = nullptr;
    std::size_t count = 0;
    Error error;
    detail::check(error, es_log_take, log_.get(), &record, std::size_t{1}, &count);
    if (error.code() != ES_OK) return error;
    if (count == 0) return std::optional<LogRecord>();
    return std::optional<LogRecord>(LogRecord(record));
  }
  // Until there is a record, at most `timeout` (-1 ms: no limit): ES_TIMEOUT, ES_CLOSED.
  Result<void> wait(std::chrono::milliseconds timeout = std::chrono::milliseconds(-1)) const {
    Error error;
    detail::check(error, es_log_wait, log_.get(), std::int64_t{timeout.count()});
    if (error.code() != ES_OK) return error;
    return {};
  }

  [[nodiscard]] LogLevel level() const noexcept { return static_cast<LogLevel>(es_log_level(log_.get())); }
  void set_level(LogLevel level) const noexcept {
    static_cast<void>(es_log_set_level(log_.get(), static_cast<std::int32_t>(level), nullptr));
  }
  // Readable while there are records. The log's: only wait on it.
  [[nodiscard]] int fd() const noexcept { return es_log_fd(log_.get()); }
  // How many records were lost.
  [[nodiscard]] std::int64_t dropped() const noexcept { return es_log_dropped(log_.get()); }

  // For the C functions; NULL after a move.
  [[nodiscard]] es_log* get() const noexcept { return log_.get(); }

 private:
  explicit Log(es_log* log) noexcept : log_(log) {}

  detail::Handle<es_log, es_log_close> log_;
};

}  // namespace eventsource
