// What an append accepts: every check of docs/format.md that needs no database, the defaults, and the documents.
// Pure but for the ids and the time it is given; any thread.
#pragma once

#include <span>

#include "core/base/environment.hpp"
#include "core/base/result.hpp"
#include "core/event/append_input.hpp"
#include "core/store/settings.hpp"

namespace eventsource::core {

// Checks in the order that append.h promises, and reports the first reason. What is returned borrows from `input`.
[[nodiscard]] Result<PreparedAppend> prepare(const AppendInput& input, const Settings& settings,
                                             Environment& environment);

// A name that a caller gives outside of an append: ES_INVALID_NAME with `field`.
[[nodiscard]] Status check_name(std::string_view name, const char* field);

// A stream's name: type and id.
[[nodiscard]] Status check_stream_name(const StreamName& stream);

// An expected version of an append: ES_INVALID_ARGUMENT.
[[nodiscard]] Status check_expected_version(std::int64_t expected_version);

// The version of an event's type: ES_INVALID_ARGUMENT.
[[nodiscard]] Status check_event_version(std::int32_t event_version);

// A snapshot's state: ES_INVALID_JSON, ES_LIMIT_EXCEEDED. Gives the value without the white space around it.
[[nodiscard]] Result<std::string_view> check_state(std::string_view state, const Settings& settings);

// User data by itself: ES_INVALID_JSON.
[[nodiscard]] Status check_data(std::string_view data);

}  // namespace eventsource::core
