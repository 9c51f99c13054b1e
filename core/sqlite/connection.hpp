// A connection to an SQLite file with its prepared statements, and one run of such a statement.
// A connection is used by one thread at a time (SQLITE_OPEN_NOMUTEX): whoever has borrowed it from its pool.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <sqlite3.h>
#include <string>
#include <string_view>

#include "core/base/call.hpp"
#include "core/base/fork.hpp"
#include "core/base/result.hpp"
#include "core/base/uuid.hpp"
#include "core/sqlite/error.hpp"
#include "core/sqlite/gated.hpp"
#include "core/sqlite/statements.hpp"

namespace eventsource::core::sqlite {

// The encoding in the type that SQLite wants it in.
constexpr unsigned char kUtf8 = SQLITE_UTF8;

// Repeats `attempt`, which returns an SQLite code, while another connection is in the way and the call may wait. SQLite's
// own back-off starves a process for up to a second and a quick fixed one starves the others, so that everybody waits
// here, with the same jitter. Nothing is locked during a pause.
void pause_for_others(const Call& call);
template <typename Attempt>
int wait_out(const Call& call, const Attempt& attempt) {
  for (;;) {
    const int code = attempt();
    if (!is_busy(code) || !call.may_wait()) return code;
    pause_for_others(call);
  }
}

class Connection {
 public:
  // `path` is absolute. `flags` are SQLITE_OPEN_*.
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const std::string& path, int flags);
  // In a child of the process that opened it nothing is closed (open_files.hpp).
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] sqlite3* handle() const { return database_.get(); }
  // The path as it was given, for messages; and as SQLite resolved it, to which it adds -wal and -shm.
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string file() const { return gated<sqlite3_db_filename>(handle(), "main"); }

  // Runs statements that return nothing of interest. Waits for others.
  [[nodiscard]] Status execute(const std::string& sql, const Call& call, const std::string& doing);
  // The prepared statement; a null pointer and `code` when it can't be prepared.
  [[nodiscard]] sqlite3_stmt* statement(Sql sql, int& code);

  // The error for `code` from a step of this connection. ES_BUSY where others were in the way for too long, what the
  // call says where it was stopped.
  [[nodiscard]] Error error(int code, const Call& call, const std::string& doing) const;

  // When this is the last connection to the file: leaves the write-ahead log as it is.
  void leave_log_on_close();

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  using Database = std::unique_ptr<sqlite3, Close>;

  Connection(Database database, std::string path) : database_(std::move(database)), path_(std::move(path)) {}

  const std::uint64_t born_ = fork_generation();
  Database database_;
  std::string path_;
  std::array<sqlite3_stmt*, static_cast<std::size_t>(Sql::kCount)> statements_{};
};

// One run of a prepared statement. It is reset at the end of the scope, so that no read stays open: an open one keeps the
// write-ahead log from being folded in, and it grows. What is bound is borrowed until then or until again().
class Run {
 public:
  Run(Connection& connection, Sql sql) : statement_(connection.statement(sql, code_)) {}
  ~Run() {
    if (statement_ != nullptr) gated<sqlite3_reset>(statement_);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  void bind(int index, std::int64_t value) { note(gated<sqlite3_bind_int64>(statement_, index, value)); }
  void bind(int index, std::string_view text) {
    // A view without data would bind NULL.
    note(gated<sqlite3_bind_text64>(statement_, index, text.data() != nullptr ? text.data() : "", text.size(),
                                    SQLITE_STATIC, kUtf8));
  }
  void bind(int index, const Uuid& id) {
    note(
        gated<sqlite3_bind_blob>(statement_, index, id.bytes.data(), static_cast<int>(id.bytes.size()), SQLITE_STATIC));
  }
  template <typename T>
  void bind(int index, const std::optional<T>& value) {
    if (value) {
      bind(index, *value);
    } else {
      note(gated<sqlite3_bind_null>(statement_, index));
    }
  }
  void bind_copy(int index, std::string_view text) {
    note(gated<sqlite3_bind_text64>(statement_, index, text.data(), text.size(), SQLITE_TRANSIENT, kUtf8));
  }

  // SQLITE_ROW, SQLITE_DONE, or an error: of this step or of what was bound before it.
  [[nodiscard]] int step() { return code_ != SQLITE_OK ? code_ : gated<sqlite3_step>(statement_); }
  // Ready for another run with the same bindings.
  void again() { gated<sqlite3_reset>(statement_); }

  [[nodiscard]] std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  // Of a column that is not NULL. Throws std::bad_alloc when there is no memory for it: it must not look empty.
  [[nodiscard]] std::string_view text(int column) const {
    const unsigned char* const data = gated<sqlite3_column_text>(statement_, column);
    if (data == nullptr) refuse_missing_text(column);
    return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }
  [[nodiscard]] bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  // Nothing when the value is no BLOB of 16 bytes.
  [[nodiscard]] std::optional<Uuid> id(int column) const;

 private:
  void refuse_missing_text(int column) const;
  void note(int code) {
    if (code_ == SQLITE_OK) code_ = code;
  }

  int code_ = SQLITE_OK;
  sqlite3_stmt* statement_;
};

}  // namespace eventsource::core::sqlite
