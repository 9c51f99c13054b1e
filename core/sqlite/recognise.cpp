#include "core/sqlite/recognise.hpp"

#include <cstring>
#include <string>

#include "core/backend/backend.hpp"

namespace eventsource::core::sqlite {
namespace {

constexpr std::int64_t kApplicationId = 1'702'061'154;  // sql/sqlite/marks.sql

struct Marks {
  std::int64_t application_id = 0;
  std::int64_t user_version = 0;
  std::int64_t objects = 0;
  std::int64_t has_store_tables = 0;
  std::int64_t has_foreign_events = 0;  // table events with its columns, and ids as text
  std::int64_t has_global_position = 0;
  std::int64_t has_snapshots = 0;
};

// One statement, so that it is one look.
constexpr const char* kMarks =
    "SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version), "
    "(SELECT count(*) FROM sqlite_master), "
    "(SELECT count(*) = 3 FROM sqlite_master WHERE type = 'table' "
    "AND name IN ('events', 'snapshots', 'eventsource_schema')), "
    "(SELECT count(*) = 6 FROM pragma_table_info('events') WHERE name IN ('aggregate_type', 'event_type', 'version', "
    "'payload') OR (name IN ('event_id', 'aggregate_id') AND upper(type) IN ('TEXT', 'VARCHAR(36)', 'CHAR(36)'))), "
    "(SELECT count(*) FROM pragma_table_info('events') WHERE name = 'global_position'), "
    "(SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'snapshots')";

// A statement that runs once, in the time of an open.
int query_once(Connection& connection, const char* sql, sqlite3_stmt*& statement) {
  gated<sqlite3_finalize>(statement);
  statement = nullptr;
  const int code = gated<sqlite3_prepare_v2>(connection.handle(), sql, -1, &statement, nullptr);
  return code != SQLITE_OK ? code : gated<sqlite3_step>(statement);
}

int read_marks(Connection& connection, Marks& marks) {
  sqlite3_stmt* statement = nullptr;
  const int code = query_once(connection, kMarks, statement);
  if (code == SQLITE_ROW) {
    std::int64_t* const fields[] = {&marks.application_id,   &marks.user_version,       &marks.objects,
                                    &marks.has_store_tables, &marks.has_foreign_events, &marks.has_global_position,
                                    &marks.has_snapshots};
    int column = 0;
    for (std::int64_t* const field : fields) *field = sqlite3_column_int64(statement, column++);
  }
  gated<sqlite3_finalize>(statement);
  return code;
}

int read_identity(Connection& connection, Uuid& id, std::int64_t& schema_version) {
  sqlite3_stmt* statement = nullptr;
  const int code = query_once(connection, "SELECT store_id, schema_version FROM eventsource_schema", statement);
  if (code == SQLITE_ROW) {
    if (sqlite3_column_bytes(statement, 0) == static_cast<int>(id.bytes.size())) {
      std::memcpy(id.bytes.data(), sqlite3_column_blob(statement, 0), id.bytes.size());
    }
    schema_version = sqlite3_column_int64(statement, 1);
  }
  gated<sqlite3_finalize>(statement);
  return code;
}

Error not_sqlite(const Connection& connection) {
  return Error(ES_NOT_A_STORE,
               "the file " + connection.path() + " is no SQLite database: give the path of a store, or of a new file")
      .detail("path", connection.path())
      .detail("sqlite_code", std::int64_t{SQLITE_NOTADB});
}

Error too_new(const Connection& connection, std::int64_t version) {
  return Error(ES_SCHEMA_TOO_NEW, "the store " + connection.path() + " has schema version " + std::to_string(version) +
                                      ", this library knows " + std::to_string(kSchemaVersion) +
                                      ": open it with a newer version of the library")
      .detail("path", connection.path());
}

Error incomplete(const Connection& connection) {
  return Error(ES_CORRUPT_STORE, "the file " + connection.path() +
                                     " has the mark of a store but not its tables: restore it from a backup")
      .detail("path", connection.path());
}

Result<Recognised> recognise_store(Connection& connection, const Marks& marks, const Call& call) {
  if (marks.user_version > kSchemaVersion) return too_new(connection, marks.user_version);
  if (marks.user_version < 1 || marks.has_store_tables == 0) return incomplete(connection);
  Recognised store{FileKind::kStore, {}, static_cast<std::int32_t>(marks.user_version), true};
  std::int64_t ignored = 0;
  const int code = wait_out(call, [&] { return read_identity(connection, store.store_id, ignored); });
  if (code == SQLITE_DONE || (code == SQLITE_ROW && store.store_id.is_nil())) return incomplete(connection);
  if (code != SQLITE_ROW) return connection.error(code, call, "read who the store is");
  return store;
}

// `.dump` loses the marks and keeps the tables: theirs say the same. What they don't say makes no store of a file.
Result<Recognised> recognise_unmarked(Connection& connection, const Call& call) {
  Uuid id;
  std::int64_t schema_version = 0;
  const int code = wait_out(call, [&] { return read_identity(connection, id, schema_version); });
  if (code == SQLITE_ERROR || code == SQLITE_DONE) return Recognised{};
  if (code != SQLITE_ROW) return connection.error(code, call, "read who the store is");
  if (id.is_nil() || schema_version < 1) return Recognised{};
  if (schema_version > kSchemaVersion) return too_new(connection, schema_version);
  return Recognised{FileKind::kStore, id, static_cast<std::int32_t>(schema_version), true};
}

}  // namespace

Result<Recognised> recognise(Connection& connection, const Call& call) {
  Marks marks;
  const int code = wait_out(call, [&] { return read_marks(connection, marks); });
  if (code == SQLITE_NOTADB) return not_sqlite(connection);
  if (code != SQLITE_ROW) return connection.error(code, call, "look what the file holds");
  if (marks.application_id == kApplicationId) return recognise_store(connection, marks, call);
  const bool has_no_mark = marks.application_id == 0 && marks.user_version == 0;
  if (has_no_mark && marks.has_store_tables != 0) return recognise_unmarked(connection, call);
  Recognised found;
  found.has_snapshots = marks.has_snapshots != 0;
  if (marks.objects == 0 && has_no_mark) {
    found.kind = FileKind::kEmpty;
  } else if (marks.has_foreign_events != 0) {
    found.kind = marks.has_global_position != 0 ? FileKind::kForeign : FileKind::kForeignOld;
  }
  return found;
}

}  // namespace eventsource::core::sqlite
