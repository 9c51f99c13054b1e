#include "core/log/ring.hpp"

#include <chrono>
#include <spdlog/details/log_msg.h>
#include <string>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace eventsource::core {
namespace {

// Name and payload of a spdlog message are ours: literals, and JSON.
constexpr const char* kPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l","logger":"%n",%v})";

static_assert(ES_LOG_TRACE == SPDLOG_LEVEL_TRACE && ES_LOG_DEBUG == SPDLOG_LEVEL_DEBUG &&
              ES_LOG_INFO == SPDLOG_LEVEL_INFO && ES_LOG_WARNING == SPDLOG_LEVEL_WARN &&
              ES_LOG_ERROR == SPDLOG_LEVEL_ERROR && ES_LOG_OFF == SPDLOG_LEVEL_OFF);

}  // namespace

LogRing::LogRing(std::size_t capacity)
    : formatter_(kPattern, spdlog::pattern_time_type::utc, ""),
      records_(capacity),
      descriptor_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

LogRing::~LogRing() {
  if (descriptor_ >= 0) close(descriptor_);
}

void LogRing::push(std::unique_ptr<LogRecord> record, std::string_view members) {
  const spdlog::log_clock::time_point time{std::chrono::microseconds(record->time_us)};
  const spdlog::details::log_msg message(time, spdlog::source_loc{}, record->logger,
                                         static_cast<spdlog::level::level_enum>(record->level),
                                         spdlog::string_view_t(members.data(), members.size()));
  spdlog::memory_buf_t line;
  const MutexLock lock(mutex_);
  if (ended_) return;
  formatter_.format(message, line);
  record->line.assign(line.data(), line.size());
  const bool was_empty = records_.empty();
  records_.push_back(std::move(record));
  if (was_empty) static_cast<void>(eventfd_write(descriptor_, 1));
}

std::size_t LogRing::size() const {
  const MutexLock lock(mutex_);
  return records_.size();
}

void LogRing::end() noexcept {
  const MutexLock lock(mutex_);
  ended_ = true;
  for (; !records_.empty(); records_.pop_front()) records_.front().reset();
  static_cast<void>(eventfd_write(descriptor_, 1));
}

bool LogRing::is_ended() const {
  const MutexLock lock(mutex_);
  return ended_;
}

std::unique_ptr<LogRecord> LogRing::take() {
  const MutexLock lock(mutex_);
  std::unique_ptr<LogRecord> record;
  if (!records_.empty()) {
    record = std::move(records_.front());
    records_.pop_front();
  }
  if (records_.empty() && !ended_) {
    eventfd_t count = 0;
    static_cast<void>(eventfd_read(descriptor_, &count));
  }
  return record;
}

std::int64_t LogRing::dropped() const {
  const MutexLock lock(mutex_);
  return static_cast<std::int64_t>(records_.overrun_counter());
}

}  // namespace eventsource::core
