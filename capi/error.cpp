// error.h: the error object and its accessors. An error is immutable: any thread.
#include "eventsource/error.h"

#include "capi/guard.hpp"

struct es_error {
  eventsource::core::Error error;
};

namespace eventsource::capi {
namespace {

// Stand for "out of memory": there is no memory to make an error in. Only their addresses are used.
char nothing_written_object;
char outcome_unknown_object;

es_error* nothing_written() noexcept {
  return reinterpret_cast<es_error*>(&nothing_written_object);
}

es_error* outcome_unknown() noexcept {
  return reinterpret_cast<es_error*>(&outcome_unknown_object);
}

bool is_out_of_memory(const es_error* error) noexcept {
  return error == nothing_written() || error == outcome_unknown();
}

constexpr const char* kNothingWritten = "out of memory; nothing was written";
constexpr const char* kOutcomeUnknown = "out of memory; the outcome is unknown: look before you repeat";

es_status report_as(es_error** err, es_error* stand_in) noexcept {
  if (err != nullptr) *err = stand_in;
  return ES_OUT_OF_MEMORY;
}

}  // namespace

es_status report(es_error** err, core::Error error) noexcept {
  const es_status code = error.code();
  if (err == nullptr) return code;
  const bool is_unknown = error.outcome() == ES_OUTCOME_UNKNOWN;
  *err = new (std::nothrow) es_error{std::move(error)};
  if (*err != nullptr) return code;
  return report_as(err, is_unknown ? outcome_unknown() : nothing_written());
}

es_status report_out_of_memory(es_error** err) noexcept {
  return report_as(err, nothing_written());
}

es_status report_outcome_unknown(es_error** err) noexcept {
  return report_as(err, outcome_unknown());
}

es_status report_bug(es_error** err, const char* what) noexcept {
  // Here even the message may find no memory, and nobody is above to catch that.
  try {
    return report(err, core::Error(ES_INTERNAL, what));
  } catch (...) {
    return report_out_of_memory(err);
  }
}

}  // namespace eventsource::capi

using eventsource::capi::is_out_of_memory;
using eventsource::capi::kNothingWritten;
using eventsource::capi::kOutcomeUnknown;
using eventsource::capi::nothing_written;
using eventsource::capi::outcome_unknown;

es_status es_error_code(const es_error* error) ES_NOEXCEPT {
  if (error == nullptr) return ES_OK;
  return is_out_of_memory(error) ? ES_OUT_OF_MEMORY : error->error.code();
}

const char* es_error_message(const es_error* error) ES_NOEXCEPT {
  if (error == nullptr) return "";
  if (error == nothing_written()) return kNothingWritten;
  return error == outcome_unknown() ? kOutcomeUnknown : error->error.message().c_str();
}

const char* es_error_sqlstate(const es_error* error) ES_NOEXCEPT {
  return error == nullptr || is_out_of_memory(error) ? "" : error->error.sqlstate().c_str();
}

int32_t es_error_is_retryable(const es_error* error) ES_NOEXCEPT {
  if (error == nullptr || error == outcome_unknown()) return 0;
  return error == nothing_written() || error->error.is_retryable() ? 1 : 0;
}

int32_t es_error_outcome(const es_error* error) ES_NOEXCEPT {
  if (error == nullptr || error == nothing_written()) return ES_OUTCOME_NOT_APPLIED;
  if (error == outcome_unknown()) return ES_OUTCOME_UNKNOWN;
  return error->error.outcome();
}

const char* es_error_detail(const es_error* error, const char* key) ES_NOEXCEPT {
  if (error == nullptr || is_out_of_memory(error) || key == nullptr) return nullptr;
  for (const auto& detail : error->error.details()) {
    if (std::strcmp(detail.key, key) == 0) return detail.value.c_str();
  }
  return nullptr;
}

size_t es_error_detail_count(const es_error* error) ES_NOEXCEPT {
  return error == nullptr || is_out_of_memory(error) ? 0 : error->error.details().size();
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
  if (!is_out_of_memory(*error)) delete *error;
  *error = nullptr;
}
