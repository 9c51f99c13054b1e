#include "core/sqlite/open.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <sys/stat.h>
#include <utility>

#include "core/sql/sqlite.hpp"
#include "core/sqlite/recognise.hpp"
#include "core/sqlite/sqlite_backend.hpp"

namespace eventsource::core::sqlite {
namespace {

// Of the file's header (fileformat2.html): "file format read version".
constexpr sqlite3_int64 kFormatOffset = 19;
constexpr std::uint8_t kFormatWithLog = 2;

Error not_found(const std::string& path) {
  return Error(ES_STORE_NOT_FOUND,
               "there is no file " + path + ": check the path, or open with option create to make it")
      .detail("path", path);
}

Error not_a_store(const std::string& path, const std::string& what) {
  return Error(ES_NOT_A_STORE, path + " " + what + ": give the path of a store, or of a new file").detail("path", path);
}

Error foreign(const std::string& path) {
  return Error(ES_FOREIGN_STORE, "the file " + path +
                                     " was made by eventsource-py. Convert it into a store with `eventsource --store "
                                     "sqlite:///new.db import " +
                                     path + "`, or open it with option read_only")
      .detail("path", path);
}

Error foreign_and_old(const std::string& path) {
  return Error(ES_FOREIGN_STORE, "the file " + path +
                                     " was made by eventsource-py before 0.3.1, without global positions: let that "
                                     "library upgrade it first, then `eventsource import " +
                                     path + "`")
      .detail("path", path);
}

// An open of one file, step by step.
class Opening {
 public:
  Opening(std::string path, const Settings& settings, Environment& environment, const Call& call)
      : path_(std::move(path)), settings_(settings), environment_(environment), call_(call) {}

  Result<std::unique_ptr<BlockingBackend>> open() {
    RETURN_IF_ERROR(call_.check());
    RETURN_IF_ERROR(look_at_path());
    const int create = may_create() ? SQLITE_OPEN_CREATE : 0;
    ASSIGN_OR_RETURN(connection_, Connection::open(path_, SQLITE_OPEN_READWRITE | create));
    // Whatever the file is: a log that was there before is not folded in before the file is accepted.
    struct stat status{};
    has_log_ = stat((connection_->file() + "-wal").c_str(), &status) == 0;
    if (has_log_) connection_->leave_log_on_close();
    RETURN_IF_ERROR(refuse_leaving_files());
    ASSIGN_OR_RETURN(found_, recognise(*connection_, call_));
    switch (found_.kind) {
      case FileKind::kEmpty:
        return open_empty();
      case FileKind::kStore:
        return settings_.read_only ? finish() : open_for_writing();
      case FileKind::kForeign:
        if (settings_.read_only) return finish();
        return foreign(path_);
      case FileKind::kForeignOld:
        return foreign_and_old(path_);
      case FileKind::kSomethingElse:
        break;
    }
    return not_a_store(path_, "is a database of something else");
  }

 private:
  [[nodiscard]] bool may_create() const { return settings_.create && !settings_.read_only; }

  // The file is only asked about, never opened here: closing it would drop SQLite's locks on it in this process.
  [[nodiscard]] Status look_at_path() {
    struct stat status{};
    if (stat(path_.c_str(), &status) == 0) {
      if (S_ISDIR(status.st_mode)) return not_a_store(path_, "is a folder");
      if (!S_ISREG(status.st_mode)) return not_a_store(path_, "is no regular file");
      return {};
    }
    if (!may_create() && (errno == ENOENT || errno == ENOTDIR)) return not_found(path_);
    return {};
  }

  [[nodiscard]] Result<std::unique_ptr<BlockingBackend>> open_empty() {
    if (!may_create()) return not_a_store(path_, "is empty");
    RETURN_IF_ERROR(refuse_unwritable());
    RETURN_IF_ERROR(use_log());
    RETURN_IF_ERROR(create());
    return finish();
  }

  [[nodiscard]] Result<std::unique_ptr<BlockingBackend>> open_for_writing() {
    RETURN_IF_ERROR(refuse_unwritable());
    RETURN_IF_ERROR(use_log());
    return finish();
  }

  // Of a file that can't be written, SQLite makes a lock table that can't be written either, leaves it there, and keeps
  // the file's owner out with it.
  [[nodiscard]] Status refuse_leaving_files() const {
    struct stat status{};
    if (!is_read_only_file() || stat((connection_->file() + "-shm").c_str(), &status) == 0) return {};
    // Read through SQLite's own descriptor: closing another one would drop the locks of this process.
    const NoFork no_fork;
    sqlite3_file* file = nullptr;
    std::uint8_t format = 0;
    const int code = gated<sqlite3_file_control>(connection_->handle(), "main", SQLITE_FCNTL_FILE_POINTER,
                                                 static_cast<void*>(&file));
    if (code != SQLITE_OK || file->pMethods->xRead(file, &format, 1, kFormatOffset) != SQLITE_OK) return {};
    if (format != kFormatWithLog) return {};
    return Error(ES_READ_ONLY, "the file " + path_ +
                                   " can't be written and nobody has it open: to read its write-ahead log SQLite must "
                                   "make files beside it that would keep its owner out. Make it writable, or copy it")
        .detail("path", path_);
  }

  [[nodiscard]] bool is_read_only_file() const {
    return gated<sqlite3_db_readonly>(connection_->handle(), "main") != 0;
  }

  [[nodiscard]] Status refuse_unwritable() const {
    if (gated<sqlite3_db_readonly>(connection_->handle(), "main") == 0) return {};
    return Error(ES_READ_ONLY,
                 "the file " + path_ + " can't be written: make it writable, or open with option read_only")
        .detail("path", path_);
  }

  // The journal mode is kept in the file: of many openers one sets it, the others find it.
  [[nodiscard]] Status use_log() {
    gated<sqlite3_db_config>(connection_->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, static_cast<int*>(nullptr));
    RETURN_IF_ERROR(connection_->execute("PRAGMA journal_mode = WAL", call_, "turn the write-ahead log on"));
    bool is_on = false;
    const auto see = [](void* on, int, char** values, char**) {
      *static_cast<bool*>(on) = std::strcmp(values[0], "wal") == 0;
      return 0;
    };
    const int code = wait_out(
        call_, [&] { return gated<sqlite3_exec>(connection_->handle(), "PRAGMA journal_mode", see, &is_on, nullptr); });
    if (code != SQLITE_OK) return connection_->error(code, call_, "look at the journal mode");
    if (is_on) return {};
    return Error(ES_IO_ERROR, "the file system of " + path_ +
                                  " can't hold a write-ahead log (it lacks shared memory): use a local disk")
        .retryable()
        .detail("path", path_);
  }

  // All or nothing, once: whoever comes second finds the store.
  [[nodiscard]] Status create() {
    Uuid store_id;
    RETURN_IF_ERROR(environment_.random(store_id.bytes));
    WriteLockWatch watch(connection_->file());
    WriteTransaction transaction(*connection_, watch);
    RETURN_IF_ERROR(transaction.begin(call_));
    ASSIGN_OR_RETURN(found_, recognise(*connection_, call_));
    if (found_.kind == FileKind::kStore) return {};
    if (found_.kind != FileKind::kEmpty) return not_a_store(path_, "became a database of something else meanwhile");
    RETURN_IF_ERROR(connection_->execute(std::string(schema_sql()), call_, "make the tables"));
    RETURN_IF_ERROR(insert_identity(store_id));
    RETURN_IF_ERROR(transaction.commit(call_));
    found_ = {FileKind::kStore, store_id, kSchemaVersion, true};
    was_created_ = true;
    return {};
  }

  [[nodiscard]] Status insert_identity(const Uuid& store_id) {
    std::string hex;
    append_uuid(hex, store_id);
    std::erase(hex, '-');
    return connection_->execute(
        "INSERT INTO eventsource_schema (id, store_id, schema_version, created_at) VALUES (1, x'" + hex + "', " +
            std::to_string(kSchemaVersion) + ", " + std::to_string(environment_.wall_us()) + ")",
        call_, "make the tables");
  }

  [[nodiscard]] Result<std::unique_ptr<BlockingBackend>> finish() {
    RETURN_IF_ERROR(connection_->execute("PRAGMA query_only = ON", call_, "open the file"));
    const bool is_ours = found_.kind == FileKind::kStore;
    return std::unique_ptr<BlockingBackend>(
        std::make_unique<SqliteBackend>(OpenedFile{std::move(connection_),
                                                   {found_.store_id, found_.schema_version, was_created_},
                                                   is_ours ? own_layout() : foreign_layout(),
                                                   found_.has_snapshots,
                                                   settings_.read_only && has_log_},
                                        settings_, environment_));
  }

  const std::string path_;
  const Settings settings_;
  Environment& environment_;
  const Call& call_;
  bool has_log_ = false;
  bool was_created_ = false;
  std::unique_ptr<Connection> connection_;
  Recognised found_;
};

}  // namespace

Result<std::unique_ptr<BlockingBackend>> open(const std::string& path, const Settings& settings,
                                              Environment& environment, const Call& call) {
  // Absolute: a change of the current folder does not matter later, and no path means ":memory:" or a URI to SQLite.
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  if (error) {
    return Error(ES_IO_ERROR,
                 "the current folder can't be told, and " + path + " is relative to it: " + error.message())
        .retryable()
        .detail("path", path);
  }
  Settings with_telemetry = settings;
  if (settings.telemetry == nullptr) with_telemetry.telemetry = std::make_shared<Telemetry>(nullptr, environment);
  return Opening(absolute.string(), with_telemetry, environment, call).open();
}

std::string_view schema_sql() {
  return sql::sqlite_schema;
}

}  // namespace eventsource::core::sqlite
