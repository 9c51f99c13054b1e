// The statements that a connection keeps prepared.
// Constants. Both layouts (ours and eventsource-py's) have these names of tables and columns.
#pragma once

#include <array>
#include <cstddef>

namespace eventsource::core::sqlite {

enum class Sql : std::size_t {
  kBegin,
  kBeginImmediate,
  kCommit,
  kRollback,
  kHead,
  kStreamHead,
  kKnownEvent,
  kInsertEvent,
  kLogForward,
  kLogBackward,
  kStreamForward,
  kStreamBackward,
  kEvent,
  kCountEvents,
  kCountStreams,
  kCountSnapshots,
  kFirstPosition,
  kSaveSnapshot,
  kLoadSnapshot,
  kDeleteSnapshot,
  kCount,
};

// The columns of an event, in the order of layout.hpp.
#define EVENT_COLUMNS                                                                                       \
  "SELECT global_position, version, timestamp, created_at, event_id, aggregate_id, tenant_id, event_type, " \
  "aggregate_type, actor_id, payload FROM events "

inline constexpr std::array<const char*, static_cast<std::size_t>(Sql::kCount)> kStatements = {
    "BEGIN",
    // IMMEDIATE: a transaction that reads first and writes later can't wait for a writer, it can only start again.
    "BEGIN IMMEDIATE",
    "COMMIT",
    "ROLLBACK",
    "SELECT max(global_position) FROM events",
    "SELECT version, tenant_id FROM events WHERE aggregate_id = ?1 AND aggregate_type = ?2 "
    "ORDER BY version DESC LIMIT 1",
    "SELECT global_position, version, aggregate_type, aggregate_id, event_type, payload FROM events "
    "WHERE event_id = ?1",
    "INSERT INTO events (event_id, aggregate_id, aggregate_type, event_type, tenant_id, actor_id, version, timestamp, "
    "created_at, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    EVENT_COLUMNS "WHERE global_position > ?1 ORDER BY global_position",
    EVENT_COLUMNS "WHERE global_position < ?1 ORDER BY global_position DESC",
    EVENT_COLUMNS "WHERE aggregate_id = ?1 AND aggregate_type = ?2 AND version BETWEEN ?3 AND ?4 ORDER BY version",
    EVENT_COLUMNS "WHERE aggregate_id = ?1 AND aggregate_type = ?2 AND version BETWEEN ?3 AND ?4 ORDER BY version DESC",
    EVENT_COLUMNS "WHERE event_id = ?1",
    "SELECT count(*) FROM events",
    "SELECT count(*) FROM (SELECT DISTINCT aggregate_id, aggregate_type FROM events)",
    "SELECT count(*) FROM snapshots",
    "SELECT min(global_position) FROM events",
    "INSERT INTO snapshots (aggregate_id, aggregate_type, version, schema_version, created_at, state) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (aggregate_id, aggregate_type) DO UPDATE SET "
    "version = excluded.version, schema_version = excluded.schema_version, created_at = excluded.created_at, "
    "state = excluded.state "
    "WHERE (excluded.schema_version, excluded.version) > (snapshots.schema_version, snapshots.version)",
    "SELECT version, schema_version, created_at, state FROM snapshots "
    "WHERE aggregate_id = ?1 AND aggregate_type = ?2",
    "DELETE FROM snapshots WHERE aggregate_id = ?1 AND aggregate_type = ?2",
};

#undef EVENT_COLUMNS

}  // namespace eventsource::core::sqlite
