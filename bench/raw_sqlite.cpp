// The ceiling: the same rows through plain sqlite3 calls, without anything of the engine. Prints "name value unit" lines.
// One thread.
//
//   raw_sqlite SOURCE.db SCRATCH_FOLDER
//
// SOURCE is a store that the engine made; its tables are copied from its own schema, so that both sides write the same rows
// into the same indexes with the same durability (WAL, synchronous FULL, journal_size_limit).
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sqlite3.h>
#include <string>
#include <vector>

#include "bench/report.hpp"

namespace {

struct Event {
  std::string event_id, aggregate_id, aggregate_type, event_type, tenant_id, actor_id, payload;
  bool has_tenant = false, has_actor = false;
  sqlite3_int64 version = 0, timestamp = 0, created_at = 0;
};

[[noreturn]] void fail(sqlite3* db, const char* what) {
  std::fprintf(stderr, "raw_sqlite: %s: %s\n", what, sqlite3_errmsg(db));
  std::exit(1);
}

void run(sqlite3* db, const std::string& sql) {
  if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail(db, sql.c_str());
}

sqlite3* open(const std::string& path) {
  sqlite3* db = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(path.c_str(), &db, flags, nullptr) != SQLITE_OK) fail(db, path.c_str());
  run(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864");
  return db;
}

sqlite3_stmt* prepare(sqlite3* db, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) fail(db, sql);
  return statement;
}

std::string column(sqlite3_stmt* row, int index) {
  const void* bytes = sqlite3_column_blob(row, index);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(row, index));
  return size == 0 ? std::string() : std::string(static_cast<const char*>(bytes), size);
}

constexpr const char* kColumns =
    "event_id, aggregate_id, aggregate_type, event_type, tenant_id, actor_id, version, timestamp, created_at, payload";

std::vector<Event> load(sqlite3* db) {
  std::vector<Event> events;
  const std::string sql = std::string("SELECT ") + kColumns + " FROM events ORDER BY global_position";
  sqlite3_stmt* rows = prepare(db, sql.c_str());
  while (sqlite3_step(rows) == SQLITE_ROW) {
    Event event;
    event.event_id = column(rows, 0);
    event.aggregate_id = column(rows, 1);
    event.aggregate_type = column(rows, 2);
    event.event_type = column(rows, 3);
    event.has_tenant = sqlite3_column_type(rows, 4) != SQLITE_NULL;
    event.tenant_id = column(rows, 4);
    event.has_actor = sqlite3_column_type(rows, 5) != SQLITE_NULL;
    event.actor_id = column(rows, 5);
    event.version = sqlite3_column_int64(rows, 6);
    event.timestamp = sqlite3_column_int64(rows, 7);
    event.created_at = sqlite3_column_int64(rows, 8);
    event.payload = column(rows, 9);
    events.push_back(std::move(event));
  }
  sqlite3_finalize(rows);
  return events;
}

// The statements that made the source's tables, indexes and views.
std::vector<std::string> schema(sqlite3* db) {
  std::vector<std::string> statements;
  sqlite3_stmt* rows = prepare(db, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'");
  while (sqlite3_step(rows) == SQLITE_ROW) statements.push_back(column(rows, 0));
  sqlite3_finalize(rows);
  return statements;
}

void bind_blob(sqlite3_stmt* insert, int index, const std::string& value) {
  sqlite3_bind_blob(insert, index, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
}

void bind_text(sqlite3_stmt* insert, int index, const std::string& value) {
  sqlite3_bind_text(insert, index, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
}

// Inserts events [from, to) in one transaction. `checked`: the stream's version is looked up before each event.
void insert(sqlite3* db, sqlite3_stmt* insert_event, sqlite3_stmt* head, const std::vector<Event>& events,
            std::size_t from, std::size_t to, bool checked) {
  run(db, "BEGIN IMMEDIATE");
  for (std::size_t i = from; i < to; ++i) {
    const Event& event = events[i];
    if (checked) {
      bind_blob(head, 1, event.aggregate_id);
      bind_text(head, 2, event.aggregate_type);
      sqlite3_step(head);
      sqlite3_reset(head);
    }
    bind_blob(insert_event, 1, event.event_id);
    bind_blob(insert_event, 2, event.aggregate_id);
    bind_text(insert_event, 3, event.aggregate_type);
    bind_text(insert_event, 4, event.event_type);
    event.has_tenant ? bind_blob(insert_event, 5, event.tenant_id)
                     : static_cast<void>(sqlite3_bind_null(insert_event, 5));
    event.has_actor ? bind_text(insert_event, 6, event.actor_id)
                    : static_cast<void>(sqlite3_bind_null(insert_event, 6));
    sqlite3_bind_int64(insert_event, 7, event.version);
    sqlite3_bind_int64(insert_event, 8, event.timestamp);
    sqlite3_bind_int64(insert_event, 9, event.created_at);
    bind_text(insert_event, 10, event.payload);
    if (sqlite3_step(insert_event) != SQLITE_DONE) fail(db, "insert");
    sqlite3_reset(insert_event);
  }
  run(db, "COMMIT");
}

void write_all(const std::string& path, const std::vector<std::string>& statements, const std::vector<Event>& events,
               const char* name, std::size_t batch, std::size_t count, bool checked) {
  sqlite3* db = open(path);
  for (const std::string& statement : statements) run(db, statement);
  const std::string sql = std::string("INSERT INTO events (") + kColumns + ") VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)";
  sqlite3_stmt* insert_event = prepare(db, sql.c_str());
  sqlite3_stmt* head = prepare(db,
                               "SELECT version FROM events WHERE aggregate_id = ?1 AND aggregate_type = ?2 "
                               "ORDER BY version DESC LIMIT 1");
  const auto start = Clock::now();
  for (std::size_t from = 0; from < count; from += batch) {
    insert(db, insert_event, head, events, from, std::min(from + batch, count), checked);
  }
  report(name, count, start);
  sqlite3_finalize(insert_event);
  sqlite3_finalize(head);
  sqlite3_close(db);
}

// Keyset pages of 1,000 over the whole log, every column copied into one buffer a page.
void read_all(const std::string& path) {
  sqlite3* db = open(path);
  const std::string sql = std::string("SELECT global_position, ") + kColumns +
                          " FROM events WHERE global_position > ?1 ORDER BY global_position LIMIT 1000";
  sqlite3_stmt* page = prepare(db, sql.c_str());
  std::string buffer;
  sqlite3_int64 after = 0;
  std::size_t count = 0;
  const auto start = Clock::now();
  while (true) {
    buffer.clear();
    std::size_t rows = 0;
    sqlite3_bind_int64(page, 1, after);
    while (sqlite3_step(page) == SQLITE_ROW) {
      after = sqlite3_column_int64(page, 0);
      for (int i = 1; i <= 10; ++i) {
        if (i >= 7 && i <= 9) {
          const sqlite3_int64 number = sqlite3_column_int64(page, i);
          buffer.append(reinterpret_cast<const char*>(&number), sizeof number);
        } else if (sqlite3_column_type(page, i) != SQLITE_NULL) {
          buffer.append(static_cast<const char*>(sqlite3_column_blob(page, i)),
                        static_cast<std::size_t>(sqlite3_column_bytes(page, i)));
        }
      }
      ++rows;
    }
    sqlite3_reset(page);
    if (rows == 0) break;
    count += rows;
  }
  report("full_read", count, start);
  sqlite3_finalize(page);
  sqlite3_close(db);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: raw_sqlite SOURCE.db SCRATCH_FOLDER\n");
    return 2;
  }
  sqlite3* source = open(argv[1]);
  const std::vector<Event> events = load(source);
  const std::vector<std::string> statements = schema(source);
  sqlite3_close(source);
  const std::filesystem::path folder = argv[2];
  const std::size_t singles = std::min<std::size_t>(events.size(), 2000);
  write_all(folder / "raw_single.db", statements, events, "single_append", 1, singles, true);
  write_all(folder / "raw_batch.db", statements, events, "batch_1000", 1000, events.size(), true);
  write_all(folder / "raw_import.db", statements, events, "batch_1000_unchecked", 1000, events.size(), false);
  read_all(folder / "raw_batch.db");
  return 0;
}
