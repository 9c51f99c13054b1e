// Reading events: each function is one look at the store, and leaves nothing open.
#include <limits>

#include "core/base/defect.hpp"
#include "core/sqlite/sqlite_backend.hpp"

namespace eventsource::core::sqlite {
namespace {

constexpr std::int64_t kFirst = 0;
constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();

// The position that a read of the log starts from, itself not included.
std::int64_t start_of(const LogQuery& query, std::int64_t head) {
  if (query.after_end && !ES_DEFECT(sqlite_end_is_start)) return query.backward ? kLast : head;
  return query.after.value_or(query.backward ? kLast : kFirst);
}

}  // namespace

Result<ReadEnd> SqliteBackend::read_log(const LogQuery& query, const Call& call, PageBuilder& page) {
  ASSIGN_OR_RETURN(const Pool::Lease connection, readers_.borrow(call));
  ReadTransaction look(*connection);
  RETURN_IF_ERROR(look.begin(call));
  Run run(*connection, query.backward ? Sql::kLogBackward : Sql::kLogForward);
  run.bind(1, start_of(query, look.head()));
  LogWalk walk(query, page);
  EventRow row;
  int code = SQLITE_ROW;
  const NoFork no_fork;
  while (walk.may_look() && (code = run.step()) == SQLITE_ROW) {
    NoFork::let_fork_pass();
    if (!layout_.read_columns(run, row)) return unreadable(run);
    if (!walk.wants(row)) continue;
    row.document = run.text(kDocument);
    if (!walk.add(row)) break;
  }
  if (code != SQLITE_ROW && code != SQLITE_DONE) return connection->error(code, call, "read the log");
  return walk.end(code == SQLITE_DONE, look.head());
}

Result<ReadEnd> SqliteBackend::read_stream(const StreamQuery& query, const Call& call, PageBuilder& page) {
  ASSIGN_OR_RETURN(const Pool::Lease connection, readers_.borrow(call));
  ReadTransaction look(*connection);
  RETURN_IF_ERROR(look.begin(call));
  Run run(*connection, query.backward ? Sql::kStreamBackward : Sql::kStreamForward);
  layout_.bind_id(run, 1, query.stream.aggregate_id);
  run.bind(2, query.stream.aggregate_type);
  run.bind(3, query.from_version);
  run.bind(4, query.to_version);
  EventRow row;
  int code = SQLITE_ROW;
  const NoFork no_fork;
  while ((code = run.step()) == SQLITE_ROW) {
    NoFork::let_fork_pass();
    if (!layout_.read_columns(run, row)) return unreadable(run);
    row.document = run.text(kDocument);
    if (!page.add(row)) break;
  }
  if (code != SQLITE_ROW && code != SQLITE_DONE) return connection->error(code, call, "read a stream");
  return ReadEnd{code == SQLITE_DONE, 0, look.head()};
}

Result<ReadEnd> SqliteBackend::read_event(const Uuid& event_id, const Call& call, PageBuilder& page) {
  ASSIGN_OR_RETURN(const Pool::Lease connection, readers_.borrow(call));
  ReadTransaction look(*connection);
  RETURN_IF_ERROR(look.begin(call));
  Run run(*connection, Sql::kEvent);
  layout_.bind_id(run, 1, event_id);
  const int code = run.step();
  if (code == SQLITE_ROW) {
    EventRow row;
    if (!layout_.read_columns(run, row)) return unreadable(run);
    row.document = run.text(kDocument);
    // An empty page takes any event.
    static_cast<void>(page.add(row));
  } else if (code != SQLITE_DONE) {
    return connection->error(code, call, "read an event");
  }
  return ReadEnd{true, 0, look.head()};
}

Result<std::int64_t> SqliteBackend::head(const Call& call) {
  ASSIGN_OR_RETURN(const Pool::Lease connection, readers_.borrow(call));
  ReadTransaction look(*connection);
  RETURN_IF_ERROR(look.begin(call));
  return look.head();
}

Result<std::int64_t> SqliteBackend::stream_version(const StreamName& stream, const Call& call) {
  ASSIGN_OR_RETURN(const Pool::Lease connection, readers_.borrow(call));
  ReadTransaction look(*connection);
  RETURN_IF_ERROR(look.begin(call));
  Run run(*connection, Sql::kStreamHead);
  layout_.bind_id(run, 1, stream.aggregate_id);
  run.bind(2, stream.aggregate_type);
  const int code = run.step();
  if (code == SQLITE_ROW) return run.integer(0);
  if (code != SQLITE_DONE) return connection->error(code, call, "look for a stream");
  return std::int64_t{0};
}

}  // namespace eventsource::core::sqlite
