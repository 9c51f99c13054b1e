#include "core/sqlite/connection.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include "core/sqlite/open_files.hpp"

namespace eventsource::core::sqlite {
namespace {

constexpr std::uint64_t kPauseMinUs = 200;
constexpr std::uint64_t kPauseMaxUs = 2'000;

}  // namespace

void pause_for_others(const Call& call) {
  std::uint16_t random = 0;
  std::uint8_t bytes[sizeof random] = {};
  // Without randomness the pause is the shortest one: still correct, less fair.
  if (call.environment().random(bytes).ok()) std::memcpy(&random, bytes, sizeof random);
  const auto us = static_cast<std::int64_t>(kPauseMinUs + random % (kPauseMaxUs - kPauseMinUs + 1));
  call.environment().pause_us(std::min(us, call.wait_left_us()));
}

void Connection::Close::operator()(sqlite3* database) const {
  const NoFork no_fork;
  OpenFiles::instance().remove(database);
  gated<sqlite3_close_v2>(database);
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, int flags) {
  const NoFork no_fork;
  sqlite3* opened = nullptr;
  const int code =
      gated<sqlite3_open_v2>(path.c_str(), &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  Database database(opened);
  if (database == nullptr) throw std::bad_alloc();
  OpenFiles::instance().add(database.get());
  if (code != SQLITE_OK) return error_of(database.get(), code, path, "open the file");
  // All waiting for other processes is wait_out's.
  gated<sqlite3_busy_timeout>(database.get(), 0);
  return std::unique_ptr<Connection>(new Connection(std::move(database), path));
}

Connection::~Connection() {
  if (born_ != fork_generation()) {
    static_cast<void>(database_.release());
    return;
  }
  for (sqlite3_stmt* const statement : statements_) gated<sqlite3_finalize>(statement);
}

Status Connection::execute(const std::string& sql, const Call& call, const std::string& doing) {
  const int code =
      wait_out(call, [&] { return gated<sqlite3_exec>(handle(), sql.c_str(), nullptr, nullptr, nullptr); });
  if (code != SQLITE_OK) return error(code, call, doing);
  return {};
}

sqlite3_stmt* Connection::statement(Sql sql, int& code) {
  const auto index = static_cast<std::size_t>(sql);
  sqlite3_stmt*& statement = statements_[index];
  if (statement == nullptr) {
    code = gated<sqlite3_prepare_v3>(handle(), kStatements[index], -1, unsigned{SQLITE_PREPARE_PERSISTENT}, &statement,
                                     nullptr);
  }
  return statement;
}

Error Connection::error(int code, const Call& call, const std::string& doing) const {
  if (is_busy(code)) return call.busy("the file " + path_);
  if ((code & 0xFF) == SQLITE_INTERRUPT) {
    // Only the call's own progress handler interrupts (transaction.cpp).
    if (Status stopped = call.check(); !stopped.ok()) return std::move(stopped).take_error();
  }
  return error_of(handle(), code, path_, doing);
}

void Connection::leave_log_on_close() {
  gated<sqlite3_db_config>(handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, static_cast<int*>(nullptr));
}

void Run::refuse_missing_text(int column) const {
  if (!is_null(column)) throw std::bad_alloc();
}

std::optional<Uuid> Run::id(int column) const {
  Uuid id;
  if (sqlite3_column_type(statement_, column) != SQLITE_BLOB ||
      sqlite3_column_bytes(statement_, column) != static_cast<int>(id.bytes.size())) {
    return std::nullopt;
  }
  std::memcpy(id.bytes.data(), sqlite3_column_blob(statement_, column), id.bytes.size());
  return id;
}

}  // namespace eventsource::core::sqlite
