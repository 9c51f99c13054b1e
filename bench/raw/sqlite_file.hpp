// A file of SQLite and its prepared statements, with the settings of the engine (WAL, synchronous FULL). A failure ends the
// program. Used by one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <sqlite3.h>
#include <string>
#include <string_view>

class SqliteFile {
 public:
  // sqlite:///FILE
  explicit SqliteFile(const std::string& url);

  [[nodiscard]] sqlite3* get() const noexcept { return file_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* file) const noexcept { sqlite3_close(file); }
  };
  std::unique_ptr<sqlite3, Close> file_;
};

class SqliteStatement {
 public:
  SqliteStatement(const SqliteFile& file, const char* sql);

  // Bytes are not copied: they outlive the run.
  void bind(int index, std::int64_t number) { sqlite3_bind_int64(statement_.get(), index, number); }
  void bind_text(int index, std::string_view text);
  void bind_blob(int index, std::string_view blob);
  void bind_null(int index) { sqlite3_bind_null(statement_.get(), index); }

  // True when there is a row.
  bool step();
  void reset() { sqlite3_reset(statement_.get()); }
  // To its end; no row is wanted.
  void run();

  [[nodiscard]] std::int64_t integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  // All columns of the row, one after the other.
  void copy_out(std::string& buffer) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};
