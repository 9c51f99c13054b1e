// The boundary: turns the core's errors and exceptions into a status and an es_error. No statement of a public function runs
// outside of guard().
// Pure functions: any thread.
#pragma once

#include <cstring>
#include <exception>
#include <new>
#include <string_view>

#include "eventsource/error.h"

#include "core/base/out_of_memory.hpp"
#include "core/base/result.hpp"
#include "core/base/uuid.hpp"

namespace eventsource::capi {

// Hands an error to the caller, if it wants it, and gives its code.
es_status report(es_error** err, core::Error error) noexcept;
es_status report_out_of_memory(es_error** err) noexcept;
es_status report_outcome_unknown(es_error** err) noexcept;
es_status report_bug(es_error** err, const char* what) noexcept;

// Runs `body`, which returns a core::Status.
template <typename Body>
es_status guard(es_error** err, Body&& body) noexcept {
  try {
    core::Status status = body();
    return status.ok() ? ES_OK : report(err, std::move(status).take_error());
  } catch (const core::OutcomeUnknown&) {
    return report_outcome_unknown(err);
  } catch (const std::bad_alloc&) {
    return report_out_of_memory(err);
  } catch (const std::exception& bug) {
    return report_bug(err, bug.what());
  } catch (...) {
    return report_bug(err, "an unknown exception");
  }
}

inline core::Error missing(const char* what) {
  return core::Error(ES_INVALID_ARGUMENT, std::string(what) + " is NULL");
}

// A handle that a function needs.
template <typename Handle>
[[nodiscard]] core::Status need(const Handle* handle, const char* what) {
  if (handle == nullptr) return missing(what);
  return {};
}

// A place for a handle: emptied first, so that a failure leaves NULL there.
template <typename Handle>
[[nodiscard]] core::Status need_place(Handle** place, const char* what) {
  if (place == nullptr) return missing(what);
  *place = nullptr;
  return {};
}

// Text as pointer and length: NULL only with length 0.
[[nodiscard]] inline core::Status need_text(const void* text, std::size_t length, const char* what) {
  if (text == nullptr && length != 0) return missing(what);
  return {};
}

[[nodiscard]] inline std::string_view view(const char* text, std::size_t length) {
  return length == 0 ? std::string_view("") : std::string_view(text, length);
}

[[nodiscard]] inline core::Uuid uuid(const std::uint8_t* bytes) {
  core::Uuid id;
  std::memcpy(id.bytes.data(), bytes, id.bytes.size());
  return id;
}

// Frees a handle and forgets it.
template <typename Handle>
void close(Handle** handle) noexcept {
  if (handle == nullptr) return;
  delete *handle;
  *handle = nullptr;
}

}  // namespace eventsource::capi
