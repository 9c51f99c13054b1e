// What PostgreSQL's errors mean to a caller.
// Pure functions on a connection that the thread uses.
#pragma once

#include <libpq-fe.h>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace eventsource::core::postgres {

inline constexpr std::string_view kUniqueViolation = "23505";
// The detail of an error that names the constraint, or the unique index, that was broken.
inline constexpr const char* kConstraint = "constraint";
inline constexpr std::string_view kNoTable = "42P01";
inline constexpr std::string_view kNoSchema = "3F000";
inline constexpr std::string_view kBadText = "22P02";
inline constexpr std::string_view kNotSupported = "0A000";
inline constexpr std::string_view kReadOnly = "25006";

// `shown` is the store's URL without its password.

// A connection that could not be made.
[[nodiscard]] Error connect_error(const PGconn* connection, const std::string& shown);
// `who` did not answer in time: "the server did not answer in time".
[[nodiscard]] Error connect_timeout(const std::string& shown, const std::string& who);
// What libpq says, while it connects, of the hosts that have failed before the one that it is at.
[[nodiscard]] std::string failures_so_far(const PGconn* connection);
// `options` of the URL, which a pooler does not pass on.
[[nodiscard]] Error lost_options(const std::string& shown);
// A connection that was lost.
[[nodiscard]] Error lost_error(const PGconn* connection, const std::string& shown);
// A statement that failed.
[[nodiscard]] Error statement_error(const PGresult* result, const std::string& shown);

// A write to a standby.
[[nodiscard]] Error standby_error(const std::string& shown, std::string_view state);

// A write whose answer was lost with `lost`, and nothing has told since what became of it. `what` completes "it is not known
// whether".
[[nodiscard]] Error not_known(const Error& lost, const std::string& shown, const std::string& what);

[[nodiscard]] bool is_cancelled(const PGresult* result);
// Another transaction was in the way: the same one may succeed a moment later.
[[nodiscard]] bool is_transient(const Error& error);

}  // namespace eventsource::core::postgres
