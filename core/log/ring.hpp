// The ring behind a log: bounded, drops the oldest, and shows by a file descriptor whether there is something in it. spdlog
// keeps the ring and writes the lines; its registry, its loggers and its sinks, which print, are not used.
// Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <spdlog/common.h>
#include <spdlog/details/circular_q.h>
#include <spdlog/pattern_formatter.h>
#include <string_view>

#include "core/base/mutex.hpp"
#include "core/log/log.hpp"

namespace eventsource::core {

class LogRing {
 public:
  explicit LogRing(std::size_t capacity);
  ~LogRing();
  LogRing(const LogRing&) = delete;
  LogRing& operator=(const LogRing&) = delete;

  // Writes the record's line, of which `members` are message and fields as JSON, and adds it.
  void push(std::unique_ptr<LogRecord> record, std::string_view members);
  // The oldest record, or nullptr.
  [[nodiscard]] std::unique_ptr<LogRecord> take();

  [[nodiscard]] std::size_t size() const;

  // Frees what is left; from now on the descriptor stays readable.
  void end() noexcept;
  [[nodiscard]] bool is_ended() const;

  // Readable while there are records; -1 when the system gave none.
  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] std::int64_t dropped() const;

 private:
  mutable Mutex mutex_;
  spdlog::pattern_formatter formatter_ GUARDED_BY(mutex_);
  spdlog::details::circular_q<std::unique_ptr<LogRecord>> records_ GUARDED_BY(mutex_);
  bool ended_ GUARDED_BY(mutex_) = false;

  const int descriptor_;  // last: nothing that fails after it would close it
};

}  // namespace eventsource::core
