#include "core/sqlite/error.hpp"

#include <cerrno>
#include <cstring>
#include <new>
#include <unistd.h>

#include "core/sqlite/gated.hpp"

namespace eventsource::core::sqlite {
namespace {

std::string reason_of(sqlite3* database, int code) {
  const char* const text = database != nullptr ? gated<sqlite3_errmsg>(database) : sqlite3_errstr(code);
  return std::string(text) + " (SQLite code " + std::to_string(code) + ")";
}

// What the operating system said, for codes that come from it; 0 otherwise.
int system_error(sqlite3* database, int code) {
  const int primary = code & 0xFF;
  if (database == nullptr || (primary != SQLITE_IOERR && primary != SQLITE_CANTOPEN)) return 0;
  return gated<sqlite3_system_errno>(database);
}

std::string with_system_error(std::string reason, int number) {
  if (number == 0) return reason;
  return reason + ": " + std::strerror(number);
}

Error with_details(Error error, const std::string& path, int code) {
  return std::move(error).detail("path", path).detail("sqlite_code", std::int64_t{code});
}

Error read_only(const std::string& path, const std::string& reason) {
  return Error(ES_READ_ONLY, "the file " + path + " or its folder can't be written: " + reason +
                                 ". SQLite keeps files beside a store, also for reading: make both writable, or copy "
                                 "the store to where they are");
}

Error storage_full(const std::string& path, const std::string& doing) {
  return Error(ES_STORAGE_FULL,
               "no room on the disk to " + doing + " in " + path + "; nothing was written. Make room and try again")
      .retryable();
}

bool is_forbidden(int number) {
  return number == EACCES || number == EPERM || number == EROFS;
}

// 0, or why this process may not use `path` in the way `mode`.
int refused(const std::string& path, int mode) {
  return access(path.c_str(), mode) == 0 ? 0 : errno;
}

// SQLite tries again for reading what it may not write: what the system said last can be about that, so it is asked.
Error cannot_open(const std::string& path, const std::string& reason, int number) {
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  if (const int why = refused(folder, F_OK); why != 0) {
    return Error(ES_IO_ERROR, "the folder of " + path + " can't be entered: " + std::strerror(why) +
                                  ". Make it, or let this process enter it")
        .retryable();
  }
  if (is_forbidden(number) || is_forbidden(refused(folder, W_OK | X_OK)) || is_forbidden(refused(path, W_OK))) {
    return read_only(path, reason);
  }
  return Error(ES_IO_ERROR, "the file " + path + " or one that SQLite keeps beside it can't be opened: " + reason)
      .retryable();
}

Error plain_error(const std::string& path, int code, const std::string& doing, const std::string& reason, int number) {
  switch (code & 0xFF) {
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return read_only(path, reason);
    case SQLITE_FULL:
      return storage_full(path, doing);
    case SQLITE_CANTOPEN:
      return cannot_open(path, reason, number);
    case SQLITE_IOERR:
      if (number == ENOSPC || number == EDQUOT) return storage_full(path, doing);
      return Error(ES_IO_ERROR, "the disk failed to " + doing + " in " + path + ": " + reason).retryable();
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Error(ES_CORRUPT_STORE, "the file " + path + " is damaged: " + reason +
                                         ". Restore it from a backup; `sqlite3 FILE .recover` saves what is readable");
    default:
      return Error(ES_INTERNAL, "SQLite failed to " + doing + " in " + path + ": " + reason);
  }
}

}  // namespace

bool is_busy(int code) {
  const int primary = code & 0xFF;
  // SQLITE_PROTOCOL: the lock on the WAL's index was lost to others too many times in a row.
  return primary == SQLITE_BUSY || primary == SQLITE_LOCKED || primary == SQLITE_PROTOCOL;
}

Error error_of(sqlite3* database, int code, const std::string& path, const std::string& doing) {
  if ((code & 0xFF) == SQLITE_NOMEM) throw std::bad_alloc();
  const int number = system_error(database, code);
  const std::string reason = with_system_error(reason_of(database, code), number);
  return with_details(plain_error(path, code, doing, reason, number), path, code);
}

Error commit_error_of(sqlite3* database, int code, const std::string& path) {
  const int primary = code & 0xFF;
  // SQLite may have run out of memory after the commit was on the disk as well.
  if (primary != SQLITE_IOERR && primary != SQLITE_NOMEM) return error_of(database, code, path, "commit");
  const std::string reason = with_system_error(reason_of(database, code), system_error(database, code));
  return with_details(
      Error(ES_IO_ERROR, "a commit to " + path + " failed while it was under way: " + reason +
                             ". Whether it took effect is unknown: make the same call again to find out")
          .outcome(ES_OUTCOME_UNKNOWN),
      path, code);
}

Error fold_error_of(sqlite3* database, int code, const std::string& path) {
  const int primary = code & 0xFF;
  if (primary != SQLITE_IOERR && primary != SQLITE_FULL) return error_of(database, code, path, "fold in its log");
  const std::string reason = with_system_error(reason_of(database, code), system_error(database, code));
  return with_details(Error(ES_IO_ERROR, "the write-ahead log of " + path + " could not be folded into it: " + reason +
                                             ". Nothing is lost: every acknowledged event is stored in " + path +
                                             "-wal. Keep it beside the file and make room; the next open reads it, and "
                                             "its shutdown folds it in")
                          .outcome(ES_OUTCOME_APPLIED),
                      path, code);
}

Error key_is_damaged(const std::string& path) {
  return Error(ES_CORRUPT_STORE, "an index of " + path +
                                     " refuses an event that can't be found in it: run PRAGMA integrity_check on the "
                                     "file, and REINDEX or restore it")
      .detail("path", path);
}

}  // namespace eventsource::core::sqlite
