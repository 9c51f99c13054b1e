// json.h. Pure functions: any thread.
#include "eventsource/json.h"

#include "capi/guard.hpp"
#include "core/base/environment.hpp"
#include "core/base/json/members.hpp"
#include "core/base/time_text.hpp"
#include "core/event/uuid7.hpp"
#include "core/store/prepare.hpp"

namespace capi = eventsource::capi;
namespace core = eventsource::core;
using capi::guard;

es_status es_json_check_data(const char* json, size_t json_len, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need_text(json, json_len, "json"));
    return core::check_data(capi::view(json, json_len));
  });
}

int32_t es_json_next(const char* object, size_t object_len, size_t* cursor, const char** key, size_t* key_len,
                     const char** value, size_t* value_len) ES_NOEXCEPT {
  if (object == nullptr || cursor == nullptr || key == nullptr || key_len == nullptr || value == nullptr ||
      value_len == nullptr || *cursor > object_len) {
    return -1;
  }
  core::json::Members members(std::string_view(object, object_len), *cursor);
  if (!members.next()) return members.malformed() ? -1 : 0;
  *key = members.raw_key().data();
  *key_len = members.raw_key().size();
  *value = members.raw_value().data();
  *value_len = members.raw_value().size();
  *cursor = static_cast<size_t>(*value - object) + *value_len;
  return 1;
}

es_status es_uuid_parse(const char* text, size_t text_len, uint8_t id[16], es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need_text(text, text_len, "text"));
    RETURN_IF_ERROR(capi::need(id, "id"));
    core::Uuid parsed;
    if (!core::parse_uuid(capi::view(text, text_len), parsed)) {
      return core::Error(ES_INVALID_ID, "this is no UUID: it has 32 hex digits, in groups of 8-4-4-4-12 or in one");
    }
    std::memcpy(id, parsed.bytes.data(), parsed.bytes.size());
    return {};
  });
}

void es_uuid_format(const uint8_t id[16], char text[ES_UUID_TEXT_BYTES]) ES_NOEXCEPT {
  if (id == nullptr || text == nullptr) return;
  char written[ES_UUID_TEXT_BYTES];
  core::write_uuid(written, capi::uuid(id));
  std::memcpy(text, written, sizeof written);
}

es_status es_uuid_new(uint8_t id[16], es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(id, "id"));
    core::Environment& environment = core::system_environment();
    std::uint8_t random[8];
    RETURN_IF_ERROR(environment.random(random));
    std::uint64_t bits = 0;
    std::memcpy(&bits, random, sizeof bits);
    const core::Uuid made = core::make_uuid7(core::uuid7_step(environment.wall_us()), bits);
    std::memcpy(id, made.bytes.data(), made.bytes.size());
    return {};
  });
}

es_status es_time_parse(const char* text, size_t text_len, int64_t* time, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need_text(text, text_len, "text"));
    RETURN_IF_ERROR(capi::need(time, "time"));
    const auto parsed = core::parse_time(capi::view(text, text_len));
    if (!parsed) {
      return core::Error(ES_INVALID_TIME,
                         "this is no time: write it as 2013-02-08T09:53:00Z, in the years 1 to 9999, with an offset");
    }
    *time = *parsed;
    return {};
  });
}

es_status es_time_format(int64_t time, char text[ES_TIME_TEXT_BYTES], es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(text, "text"));
    if (!core::time_in_range(time)) return core::Error(ES_INVALID_TIME, "the time is outside of the years 1 to 9999");
    char written[ES_TIME_TEXT_BYTES];
    core::write_time(written, time);
    std::memcpy(text, written, sizeof written);
    return {};
  });
}
