#include "core/sqlite/sqlite_backend.hpp"

namespace eventsource::core::sqlite {
namespace {

constexpr std::size_t kMaxReaders = 16;

// 16 MiB: the write-ahead log shrinks back to this size once it is folded in.
constexpr const char* kWriterPragmas = "PRAGMA journal_size_limit = 16777216; PRAGMA cache_size = -16384;";

}  // namespace

SqliteBackend::SqliteBackend(OpenedFile file, const Settings& settings, Environment& environment)
    : path_(file.connection->path()),
      file_(file.connection->file()),
      identity_(file.identity),
      settings_(settings),
      layout_(file.layout),
      has_snapshots_(file.has_snapshots),
      leaves_log_(file.leaves_log),
      environment_(environment),
      watch_(file_),
      writer_(1, "the write lock of " + path_ + ", in this process,",
              [this](const Call& call) { return open_writer(call); }),
      readers_(kMaxReaders, "each of the " + std::to_string(kMaxReaders) + " reading connections to " + path_,
               [this](const Call& call) { return open_reader(call); }) {
  readers_.adopt(std::move(file.connection));
}

Status SqliteBackend::may_write() const {
  if (!settings_.read_only) return {};
  return Error(ES_READ_ONLY, "the store " + path_ + " was opened read-only: open it without option read_only to write")
      .detail("path", path_);
}

Error SqliteBackend::unreadable(const Run& run) const {
  return Error(ES_CORRUPT_STORE, "the event at position " + std::to_string(run.integer(kPosition)) + " of " + path_ +
                                     " has an id or a time that can't be read: look at this row of table events")
      .detail("path", path_);
}

Result<std::unique_ptr<Connection>> SqliteBackend::open_writer(const Call& call) const {
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, Connection::open(path_, SQLITE_OPEN_READWRITE));
  const std::string synchronous = settings_.synchronous_full ? "FULL" : "NORMAL";
  RETURN_IF_ERROR(connection->execute(kWriterPragmas + ("PRAGMA synchronous = " + synchronous), call, "open the file"));
  return connection;
}

// Opened for writing, although it never writes: SQLite needs that to use the lock table beside a WAL file.
Result<std::unique_ptr<Connection>> SqliteBackend::open_reader(const Call& call) const {
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, Connection::open(path_, SQLITE_OPEN_READWRITE));
  if (leaves_log_) connection->leave_log_on_close();
  RETURN_IF_ERROR(connection->execute("PRAGMA query_only = ON", call, "open the file"));
  return connection;
}

Status SqliteBackend::shutdown() {
  if (settings_.read_only) {
    readers_.close();
    return {};
  }
  // The readers first: an open one would keep the log from being folded in.
  readers_.close();
  const Call call(environment_, {}, 0);
  Status folded;
  {
    ASSIGN_OR_RETURN(const Pool::Lease connection, writer_.borrow(call));
    const int code =
        gated<sqlite3_wal_checkpoint_v2>(connection->handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    // Another process is using the store: it, or the last to close, folds the log in.
    if (code != SQLITE_OK && !is_busy(code)) folded = fold_error_of(connection->handle(), code, path_);
    settings_.telemetry->log.named("sqlite").write(
        LogLevel::kDebug, is_busy(code) ? "write-ahead log left to another process" : "write-ahead log folded in",
        {{"path", path_}, {"sqlite_code", code}});
  }
  writer_.close();
  return folded;
}

}  // namespace eventsource::core::sqlite
