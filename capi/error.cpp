// error.h: the error object and its accessors. An error is immutable: any thread.
#include "eventsource/error.h"

#include "capi/guard.hpp"

struct es_error {
  eventsource::core::Error error;
};

namespace eventsource::capi {
namespace {

// Stands for "out of memory": there is no memory to make an error in. Only its address is used.
char out_of_memory_object;

es_error* out_of_memory() noexcept {
  return reinterpret_cast<es_error*>(&out_of_memory_object);
}

constexpr const char* kOutOfMemory = "out of memory; nothing was written";

}  // namespace

es_status report(es_error** err, core::Error error) noexcept {
  const es_status code = error.code();
  if (err == nullptr) return code;
  *err = new (std::nothrow) es_error{std::move(error)};
  return *err != nullptr ? code : report_out_of_memory(err);
}

es_status report_out_of_memory(es_error** err) noexcept {
  if (err != nullptr) *err = out_of_memory();
  return ES_OUT_OF_MEMORY;
}

}  // namespace eventsource::capi

using eventsource::capi::kOutOfMemory;
using eventsource::capi::out_of_memory;

es_status es_error_code(const es_error* error) ES_NOEXCEPT {
  if (error == nullptr) return ES_OK;
  return error == out_of_memory() ? ES_OUT_OF_MEMORY : error->error.code();
}

const char* es_error_message(const es_error* error) ES_NOEXCEPT {
  if (error == nullptr) return "";
  return error == out_of_memory() ? kOutOfMemory : error->error.message().c_str();
}

const char* es_error_sqlstate(const es_error*) ES_NOEXCEPT {
  // Neither memory nor SQLite has one.
  return "";
}

int32_t es_error_is_retryable(const es_error* error) ES_NOEXCEPT {
  if (error == nullptr) return 0;
  return error == out_of_memory() || error->error.is_retryable() ? 1 : 0;
}

int32_t es_error_outcome(const es_error* error) ES_NOEXCEPT {
  if (error == nullptr || error == out_of_memory()) return ES_OUTCOME_NOT_APPLIED;
  return error->error.outcome();
}

const char* es_error_detail(const es_error* error, const char* key) ES_NOEXCEPT {
  if (error == nullptr || error == out_of_memory() || key == nullptr) return nullptr;
  for (const auto& detail : error->error.details()) {
    if (std::strcmp(detail.key, key) == 0) return detail.value.c_str();
  }
  return nullptr;
}

size_t es_error_detail_count(const es_error* error) ES_NOEXCEPT {
  return error == nullptr || error == out_of_memory() ? 0 : error->error.details().size();
}

int32_t es_error_detail_at(const es_error* error, size_t index, const char** key, const char** value) ES_NOEXCEPT {
  if (index >= es_error_detail_count(error)) return 0;
  const auto& detail = error->error.details()[index];
  if (key != nullptr) *key = detail.key;
  if (value != nullptr) *value = detail.value.c_str();
  return 1;
}

void es_error_close(es_error** error) ES_NOEXCEPT {
  if (error == nullptr) return;
  if (*error != out_of_memory()) delete *error;
  *error = nullptr;
}
