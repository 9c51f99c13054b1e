#include "core/sqlite/transaction.hpp"

#include <new>

#include "core/base/out_of_memory.hpp"

namespace eventsource::core::sqlite {
namespace {

// Steps of SQLite's machine between two looks at the call: well under a millisecond.
constexpr int kProgressSteps = 4'000;

int must_stop(void* call) {
  // A statement can run for long.
  NoFork::let_fork_pass();
  return static_cast<const Call*>(call)->check().ok() ? 0 : 1;
}

int run_once(Connection& connection, Sql sql) {
  Run run(connection, sql);
  const int code = run.step();
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

// SQLite ends some failed transactions by itself.
void roll_back(Connection& connection) {
  if (gated<sqlite3_get_autocommit>(connection.handle()) == 0) static_cast<void>(run_once(connection, Sql::kRollback));
}

Error lock_is_gone(const std::string& path) {
  return Error(
             ES_UNSAFE_STORE,
             "this process has lost its lock on " + path +
                 " in the middle of a transaction, which was rolled back: another copy of SQLite in this process has "
                 "opened and closed the file, or its -shm file was removed. Use one copy of SQLite in a process (link "
                 "the shared libsqlite3 everywhere), leave the file to this library, and open the store again")
      .detail("path", path);
}

// The commit said that it succeeded, but others may have written to the same place.
Error lock_went_at_commit(const std::string& path) {
  return Error(ES_UNSAFE_STORE,
               "this process has lost its lock on " + path +
                   " while it committed, so that the events may be stored or not: another copy of SQLite in this "
                   "process has opened and closed the file, or its -shm file was removed. Use one copy of SQLite in a "
                   "process (link the shared libsqlite3 everywhere) and leave the file to this library. To find out, "
                   "open the store again and append the same events, with the same ids")
      .outcome(ES_OUTCOME_UNKNOWN)
      .detail("path", path);
}

// Whether the file has lost its name, or the name has another file by now.
bool has_moved(Connection& connection) {
  int moved = 0;
  return gated<sqlite3_file_control>(connection.handle(), "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
         moved != 0;
}

Error file_has_moved(const std::string& path) {
  return Error(ES_UNSAFE_STORE, "the file " + path +
                                    " was renamed, removed or replaced while it was open; nothing was written. Put it "
                                    "back under its name, or open the store where it is now: its write-ahead log "
                                    "keeps the old name and must go with it")
      .detail("path", path);
}

}  // namespace

Status WriteTransaction::begin(const Call& call) {
  RETURN_IF_ERROR(call.check());
  had_to_wait_ = false;
  const int code = wait_out(call, [&] {
    const int tried = run_once(connection_, Sql::kBeginImmediate);
    had_to_wait_ |= is_busy(tried);
    return tried;
  });
  if (is_busy(code)) return call.busy("the write lock of " + connection_.path());
  if (code != SQLITE_OK) return connection_.error(code, call, "begin a transaction");
  return {};
}

Status WriteTransaction::commit(const Call& call) {
  // What is written now would go into a log that nobody finds under the new name.
  if (has_moved(connection_)) {
    rollback();
    return file_has_moved(connection_.path());
  }
  if (!watch_.is_held()) {
    rollback();
    return lock_is_gone(connection_.path());
  }
  const int code = run_once(connection_, Sql::kCommit);
  if (code == SQLITE_OK && watch_.was_kept()) return {};
  try {
    Error error = commit_error(code, call);
    rollback();
    return error;
  } catch (const std::bad_alloc&) {
    if (is_busy(code)) throw;
    // What went to the disk may be there.
    throw OutcomeUnknown();
  }
}

Error WriteTransaction::commit_error(int code, const Call& call) {
  if (code == SQLITE_OK) return lock_went_at_commit(connection_.path());
  if (is_busy(code)) return connection_.error(code, call, "commit");
  return commit_error_of(connection_.handle(), code, connection_.path());
}

void WriteTransaction::rollback() {
  roll_back(connection_);
}

Status ReadTransaction::begin(const Call& call) {
  RETURN_IF_ERROR(call.check());
  gated<sqlite3_progress_handler>(connection_.handle(), kProgressSteps, must_stop, const_cast<Call*>(&call));
  const int code = wait_out(call, [&] { return try_begin(); });
  if (code != SQLITE_OK) return connection_.error(code, call, "read");
  return {};
}

// The first statement takes the look; the ones behind it can't be held up any more.
int ReadTransaction::try_begin() {
  if (const int code = run_once(connection_, Sql::kBegin); code != SQLITE_OK) return code;
  Run run(connection_, Sql::kHead);
  const int code = run.step();
  if (code == SQLITE_ROW) {
    head_ = run.integer(0);
    return SQLITE_OK;
  }
  run.again();
  roll_back(connection_);
  return code;
}

ReadTransaction::~ReadTransaction() {
  gated<sqlite3_progress_handler>(connection_.handle(), 0, nullptr, nullptr);
  // Nothing was written: ending it this way can't fail half-way.
  roll_back(connection_);
}

}  // namespace eventsource::core::sqlite
