#include "core/log/log.hpp"

#include <cerrno>
#include <chrono>
#include <exception>
#include <poll.h>
#include <utility>

#include "core/base/deadline.hpp"
#include "core/base/json/string.hpp"
#include "core/base/utf8.hpp"
#include "core/log/ring.hpp"

namespace eventsource::core {
namespace {

constexpr std::string_view kNoCharacter = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view kCut = "...";

// The text as a record holds it. Paths and what servers say are not always UTF-8.
std::string clean(std::string_view text) {
  std::string out;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end && out.size() <= ES_LOG_TEXT_BYTES_MAX) {
    const auto byte = static_cast<unsigned char>(*at);
    const std::size_t length = byte < 0x80U ? 1 : utf8_sequence(at, end);
    if (length == 0 || byte == 0) {
      out.append(kNoCharacter);
      ++at;
    } else {
      out.append(at, length);
      at += length;
    }
  }
  if (out.size() <= ES_LOG_TEXT_BYTES_MAX) return out;
  std::size_t cut = ES_LOG_TEXT_BYTES_MAX - kCut.size();
  while ((static_cast<unsigned char>(out[cut]) & 0xC0U) == 0x80U) --cut;  // not inside of a character
  return out.replace(cut, std::string::npos, kCut);
}

void append_member(std::string& members, const char* key, std::string_view value, LogField::Kind kind) {
  if (!members.empty()) members.push_back(',');
  json::append_quoted(members, key);
  members.push_back(':');
  if (kind == LogField::Kind::kText) {
    json::append_quoted(members, value);
  } else {
    members.append(value);
  }
}

// Waits until the descriptor is readable or the time has come; false then.
bool wait_until(int descriptor, const Deadline& deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline.left());
    if (left.count() <= 0) return false;
    pollfd place{descriptor, POLLIN, 0};
    const int ready = poll(&place, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

}  // namespace

std::optional<LogLevel> log_level(std::int32_t number) noexcept {
  const auto level = static_cast<LogLevel>(number);
  if (name_of(level) == nullptr) return std::nullopt;
  return level;
}

const char* name_of(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::kTrace:
      return "trace";
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
    case LogLevel::kOff:
      return "off";
  }
  return nullptr;
}

Result<std::shared_ptr<Log>> Log::create(LogLevel level, std::size_t capacity) {
  auto ring = std::make_unique<LogRing>(capacity);
  if (ring->descriptor() < 0) {
    return Error(ES_IO_ERROR,
                 "the system gave no file descriptor for a log: close some, or raise the limit (ulimit -n)")
        .retryable();
  }
  return std::shared_ptr<Log>(new Log(level, std::move(ring)));
}

Log::Log(LogLevel level, std::unique_ptr<LogRing> ring) : level_(level), ring_(std::move(ring)) {}

Log::~Log() = default;

void Log::write(std::int64_t time_us, LogLevel level, const char* logger, std::string_view message,
                std::span<const LogField> fields) noexcept {
  if (is_inherited()) return;
  try {
    auto record = std::make_unique<LogRecord>();
    record->time_us = time_us;
    record->level = level;
    record->logger = logger;
    record->message = clean(message);
    std::string members;
    append_member(members, "message", record->message, LogField::Kind::kText);
    record->fields.reserve(fields.size());
    for (const LogField& field : fields) {
      const bool is_number = field.kind == LogField::Kind::kNumber;
      record->fields.push_back({field.key, is_number ? std::to_string(field.number) : clean(field.text)});
      append_member(members, field.key, record->fields.back().value, field.kind);
    }
    ring_->push(std::move(record), members);
  } catch (const std::exception&) {
    without_memory_.fetch_add(1, std::memory_order_relaxed);
  }
}

Status Log::wait(std::int64_t timeout_ms) const {
  const Deadline deadline(timeout_ms);
  if (is_inherited()) {
    return Error(ES_FORKED, "the log was made by the process that this one was forked from: make another one here");
  }
  for (;;) {
    if (ring_->is_ended()) return Error(ES_CLOSED, "the log was closed: make another one");
    if (ring_->size() != 0) return {};
    if (!wait_until(ring_->descriptor(), deadline)) {
      return Error(ES_TIMEOUT, "no record came within " + std::to_string(timeout_ms) + " ms").retryable();
    }
  }
}

std::unique_ptr<LogRecord> Log::take() {
  return is_inherited() ? nullptr : ring_->take();
}

std::size_t Log::size() const {
  return is_inherited() ? 0 : ring_->size();
}

void Log::end() noexcept {
  set_level(LogLevel::kOff);
  if (!is_inherited()) ring_->end();
}

int Log::descriptor() const noexcept {
  return is_inherited() ? -1 : ring_->descriptor();
}

std::int64_t Log::dropped() const {
  return (is_inherited() ? 0 : ring_->dropped()) + without_memory_.load(std::memory_order_relaxed);
}

}  // namespace eventsource::core
