// A log: a bounded ring of records that its owner pulls. Nothing is printed, and nobody is called.
// Any thread. In a child made by fork a log of the parent does nothing: its mutex may be locked for ever, and its descriptor
// is still the parent's.
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eventsource/log.h"

#include "core/base/fork.hpp"
#include "core/base/result.hpp"

namespace eventsource::core {

enum class LogLevel : std::int32_t {
  kTrace = ES_LOG_TRACE,
  kDebug = ES_LOG_DEBUG,
  kInfo = ES_LOG_INFO,
  kWarning = ES_LOG_WARNING,
  kError = ES_LOG_ERROR,
  kOff = ES_LOG_OFF,
};

// The level with a number of log.h, and its name there.
[[nodiscard]] std::optional<LogLevel> log_level(std::int32_t number) noexcept;
[[nodiscard]] const char* name_of(LogLevel level) noexcept;

// One detail of a record, for the time of the call that writes it. The key is a literal, none of "time", "level", "logger"
// and "message".
struct LogField {
  LogField(const char* name, std::string_view value) : key(name), text(value) {}
  LogField(const char* name, const char* value) : key(name), text(value) {}
  LogField(const char* name, const std::string& value) : key(name), text(value) {}
  LogField(const char* name, std::int64_t value) : key(name), kind(Kind::kNumber), number(value) {}
  // Of a bool only: a pointer would become one.
  template <std::same_as<bool> Bool>
  LogField(const char* name, Bool value) : key(name), kind(Kind::kWord), text(value ? "true" : "false") {}

  enum class Kind : unsigned char { kText, kNumber, kWord };

  const char* key;
  Kind kind = Kind::kText;
  std::string_view text = {};
  std::int64_t number = 0;
};

// What came out of the ring. Texts are UTF-8 without U+0000.
struct LogRecord {
  struct Field {
    const char* key;
    std::string value;
  };

  std::int64_t time_us = 0;
  LogLevel level = LogLevel::kOff;
  const char* logger = "";
  std::string message;
  std::vector<Field> fields;
  std::string line;  // all of it as JSON
};

class LogRing;

class Log {
 public:
  // Keeps the newest `capacity` records (1 or more) that nobody has taken. ES_IO_ERROR without a file descriptor.
  [[nodiscard]] static Result<std::shared_ptr<Log>> create(LogLevel level, std::size_t capacity);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // Whether a record of this level would be kept: all that a record costs while it is not wanted.
  [[nodiscard]] bool wants(LogLevel level) const noexcept { return level >= level_.load(std::memory_order_relaxed); }
  [[nodiscard]] LogLevel level() const noexcept { return level_.load(std::memory_order_relaxed); }
  void set_level(LogLevel level) noexcept { level_.store(level, std::memory_order_relaxed); }

  // Adds a record, whatever the level. What there is no memory for is counted as dropped: whoever tells of a commit must
  // not fail for it.
  void write(std::int64_t time_us, LogLevel level, const char* logger, std::string_view message,
             std::span<const LogField> fields) noexcept;

  // Until there is a record, at most `timeout_ms` (-1: no limit): ES_TIMEOUT, ES_CLOSED.
  [[nodiscard]] Status wait(std::int64_t timeout_ms) const;
  // The oldest record, or nullptr.
  [[nodiscard]] std::unique_ptr<LogRecord> take();
  // How many there are.
  [[nodiscard]] std::size_t size() const;

  // Nobody will take records any more: takes none, frees those that are left, wakes whoever waits.
  void end() noexcept;

  // Readable while there are records.
  [[nodiscard]] int descriptor() const noexcept;
  // Records that were lost.
  [[nodiscard]] std::int64_t dropped() const;

 private:
  Log(LogLevel level, std::unique_ptr<LogRing> ring);

  [[nodiscard]] bool is_inherited() const noexcept { return fork_generation() != born_; }

  const std::uint64_t born_ = fork_generation();

  std::atomic<LogLevel> level_;
  std::atomic<std::int64_t> without_memory_{0};
  const std::unique_ptr<LogRing> ring_;
};

}  // namespace eventsource::core
