// log.h.
#include "eventsource/log.h"

#include <algorithm>

#include "capi/guard.hpp"
#include "capi/handles.hpp"

namespace capi = eventsource::capi;
namespace core = eventsource::core;
using capi::guard;

namespace {

core::Result<core::LogLevel> level_of(int32_t number) {
  if (const auto level = core::log_level(number)) return *level;
  return core::Error(ES_INVALID_ARGUMENT, "level " + std::to_string(number) + " is none of ES_LOG_*");
}

// nullptr for no record and past the end.
const core::LogRecord::Field* field_at(const es_log_record* record, size_t index) noexcept {
  return index < es_log_record_field_count(record) ? &record->record->fields[index] : nullptr;
}

}  // namespace

es_status es_log_new(int32_t level, int64_t capacity, es_log** log, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need_place(log, "log"));
    ASSIGN_OR_RETURN(const core::LogLevel from, level_of(level));
    if (capacity < 1 || capacity > ES_LOG_RECORDS_MAX) {
      return core::Error(ES_LIMIT_EXCEEDED, "a log can't keep " + std::to_string(capacity) + " records: 1 to " +
                                                std::to_string(ES_LOG_RECORDS_MAX))
          .detail("limit", capacity < 1 ? 1 : ES_LOG_RECORDS_MAX);
    }
    auto handle = std::make_unique<es_log>();
    ASSIGN_OR_RETURN(handle->log, core::Log::create(from, static_cast<std::size_t>(capacity)));
    *log = handle.release();
    return {};
  });
}

es_log* es_log_retain(es_log* log) ES_NOEXCEPT {
  if (log != nullptr) log->references.fetch_add(1, std::memory_order_relaxed);
  return log;
}

es_status es_options_set_log(es_options* options, es_log* log, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(options, "options"));
    options->settings.log = log == nullptr ? nullptr : log->log;
    return {};
  });
}

es_status es_log_set_level(es_log* log, int32_t level, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(log, "log"));
    ASSIGN_OR_RETURN(const core::LogLevel from, level_of(level));
    log->log->set_level(from);
    return {};
  });
}

int32_t es_log_level(const es_log* log) ES_NOEXCEPT {
  return log == nullptr ? ES_LOG_OFF : static_cast<int32_t>(log->log->level());
}

int32_t es_log_fd(const es_log* log) ES_NOEXCEPT {
  return log == nullptr ? -1 : log->log->descriptor();
}

es_status es_log_wait(es_log* log, int64_t timeout_ms, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(log, "log"));
    if (timeout_ms < -1) {
      return core::Error(ES_INVALID_ARGUMENT, "a timeout is -1 (none), 0 (don't wait) or a number of milliseconds");
    }
    // A reference of its own: the wait outlives a close by another thread.
    const std::shared_ptr<core::Log> from = log->log;
    return from->wait(timeout_ms);
  });
}

es_status es_log_take(es_log* log, es_log_record** records, size_t capacity, size_t* count,
                      es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(log, "log"));
    RETURN_IF_ERROR(capi::need(records, "records"));
    RETURN_IF_ERROR(capi::need(count, "count"));
    // Their places first: a record that was taken out is not lost for want of memory.
    std::vector<std::unique_ptr<es_log_record>> places(std::min(capacity, log->log->size()));
    for (auto& place : places) place = std::make_unique<es_log_record>();
    std::size_t taken = 0;
    for (auto& place : places) {
      place->record = log->log->take();
      if (place->record == nullptr) break;
      records[taken++] = place.release();
    }
    *count = taken;
    return {};
  });
}

int64_t es_log_dropped(const es_log* log) ES_NOEXCEPT {
  return log == nullptr ? 0 : log->log->dropped();
}

void es_log_close(es_log** log) ES_NOEXCEPT {
  capi::release(log);
}

const char* es_log_level_name(int32_t level) ES_NOEXCEPT {
  return core::name_of(static_cast<core::LogLevel>(level));
}

int64_t es_log_record_time(const es_log_record* record) ES_NOEXCEPT {
  return record == nullptr ? 0 : record->record->time_us;
}

int32_t es_log_record_level(const es_log_record* record) ES_NOEXCEPT {
  return record == nullptr ? ES_LOG_OFF : static_cast<int32_t>(record->record->level);
}

const char* es_log_record_logger(const es_log_record* record) ES_NOEXCEPT {
  return record == nullptr ? nullptr : record->record->logger;
}

const char* es_log_record_message(const es_log_record* record) ES_NOEXCEPT {
  return record == nullptr ? nullptr : record->record->message.c_str();
}

size_t es_log_record_field_count(const es_log_record* record) ES_NOEXCEPT {
  return record == nullptr ? 0 : record->record->fields.size();
}

int32_t es_log_record_field_at(const es_log_record* record, size_t index, const char** key,
                               const char** value) ES_NOEXCEPT {
  const core::LogRecord::Field* const field = field_at(record, index);
  if (field == nullptr) return 0;
  if (key != nullptr) *key = field->key;
  if (value != nullptr) *value = field->value.c_str();
  return 1;
}

const char* es_log_record_json(const es_log_record* record, size_t* length) ES_NOEXCEPT {
  if (length != nullptr) *length = record == nullptr ? 0 : record->record->line.size();
  return record == nullptr ? nullptr : record->record->line.c_str();
}

void es_log_record_close(es_log_record** record) ES_NOEXCEPT {
  capi::close(record);
}
