#include "bench/raw/sqlite_file.hpp"

#include "bench/common/arguments.hpp"

namespace {

constexpr std::string_view kScheme = "sqlite:///";
constexpr const char* kSettings =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216; "
    "PRAGMA cache_size = -16384";
// For another process that writes, as most programs wait: SQLite looks again after pauses that get longer.
constexpr int kBusyMs = 60'000;

}  // namespace

SqliteFile::SqliteFile(const std::string& url) {
  const std::string path = url.substr(kScheme.size());
  sqlite3* file = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  file_.reset(file);
  if (code != SQLITE_OK) fail(path, sqlite3_errmsg(file));
  sqlite3_busy_timeout(file, kBusyMs);
  if (sqlite3_exec(file, kSettings, nullptr, nullptr, nullptr) != SQLITE_OK) fail(path, sqlite3_errmsg(file));
}

SqliteStatement::SqliteStatement(const SqliteFile& file, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(file.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) {
    fail(sql, sqlite3_errmsg(file.get()));
  }
  statement_.reset(statement);
}

void SqliteStatement::bind_text(int index, std::string_view text) {
  sqlite3_bind_text(statement_.get(), index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

void SqliteStatement::bind_blob(int index, std::string_view blob) {
  sqlite3_bind_blob(statement_.get(), index, blob.data(), static_cast<int>(blob.size()), SQLITE_STATIC);
}

bool SqliteStatement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code != SQLITE_ROW && code != SQLITE_DONE) fail("sqlite", sqlite3_errmsg(sqlite3_db_handle(statement_.get())));
  return code == SQLITE_ROW;
}

void SqliteStatement::run() {
  step();
  reset();
}

void SqliteStatement::copy_out(std::string& buffer) const {
  sqlite3_stmt* const row = statement_.get();
  for (int column = 0; column < sqlite3_column_count(row); ++column) {
    if (sqlite3_column_type(row, column) == SQLITE_INTEGER) {
      const std::int64_t number = integer(column);
      buffer.append(reinterpret_cast<const char*>(&number), sizeof number);
    } else if (const void* bytes = sqlite3_column_blob(row, column)) {
      buffer.append(static_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(row, column)));
    }
  }
}
