// Snapshots: one row for each stream, replaced only by a newer one.
#include "core/base/defect.hpp"
#include "core/sqlite/sqlite_backend.hpp"

namespace eventsource::core::sqlite {

template <typename Bind>
Result<bool> SqliteBackend::write_snapshot(Sql sql, const Call& call, const Bind& bind) {
  RETURN_IF_ERROR(may_write());
  ASSIGN_OR_RETURN(const Pool::Lease connection, writer_.borrow(call));
  WriteTransaction transaction(*connection, watch_);
  RETURN_IF_ERROR(transaction.begin(call));
  {
    Run run(*connection, sql);
    bind(run);
    const int code = run.step();
    if (code != SQLITE_DONE) return connection->error(code, call, "write a snapshot");
  }
  if (gated<sqlite3_changes>(connection->handle()) == 0) return false;
  if (!ES_DEFECT(sqlite_snapshot_lost)) RETURN_IF_ERROR(transaction.commit(call));
  return true;
}

Result<bool> SqliteBackend::save_snapshot(const StreamName& stream, const Snapshot& snapshot, const Call& call) {
  return write_snapshot(Sql::kSaveSnapshot, call, [&](Run& run) {
    run.bind(1, stream.aggregate_id);
    run.bind(2, stream.aggregate_type);
    run.bind(3, snapshot.version);
    run.bind(4, std::int64_t{snapshot.schema_version});
    run.bind(5, snapshot.created_at);
    run.bind(6, snapshot.state);
  });
}

Result<bool> SqliteBackend::delete_snapshot(const StreamName& stream, const Call& call) {
  return write_snapshot(Sql::kDeleteSnapshot, call, [&](Run& run) {
    run.bind(1, stream.aggregate_id);
    run.bind(2, stream.aggregate_type);
  });
}

Result<std::optional<Snapshot>> SqliteBackend::load_snapshot(const StreamName& stream, const Call& call) {
  std::optional<Snapshot> snapshot;
  if (!has_snapshots_) return snapshot;
  ASSIGN_OR_RETURN(const Pool::Lease connection, readers_.borrow(call));
  ReadTransaction look(*connection);
  RETURN_IF_ERROR(look.begin(call));
  Run run(*connection, Sql::kLoadSnapshot);
  layout_.bind_id(run, 1, stream.aggregate_id);
  run.bind(2, stream.aggregate_type);
  const int code = run.step();
  if (code == SQLITE_DONE) return snapshot;
  if (code != SQLITE_ROW) return connection->error(code, call, "read a snapshot");
  snapshot.emplace();
  snapshot->version = run.integer(0);
  snapshot->schema_version = static_cast<std::int32_t>(run.integer(1));
  if (!layout_.read_time(run, 2, snapshot->created_at)) {
    return Error(ES_CORRUPT_STORE, "the snapshot of " + describe(stream) + " in " + path_ +
                                       " has a created_at that is no time: delete it, it is only a cache")
        .detail("path", path_);
  }
  snapshot->state = run.text(3);
  return snapshot;
}

}  // namespace eventsource::core::sqlite
