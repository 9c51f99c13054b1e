// Counting and inspecting: whole scans, each one look at the store.
#include <map>
#include <string>
#include <sys/stat.h>

#include "core/base/defect.hpp"
#include "core/sqlite/sqlite_backend.hpp"

namespace eventsource::core::sqlite {
namespace {

std::int64_t size_of(const std::string& path) {
  struct stat status{};
  return stat(path.c_str(), &status) == 0 ? status.st_size : 0;
}

// Event types by aggregate type. Strings compare byte by byte, as the result is ordered.
using Counts = std::map<std::string, std::map<std::string, std::int64_t, std::less<>>, std::less<>>;

// Reads the columns of every event; `see` gets each.
template <typename See>
Status scan(Connection& connection, const Call& call, const See& see) {
  Run run(connection, Sql::kLogForward);
  run.bind(1, std::int64_t{0});
  int code = SQLITE_ROW;
  const NoFork no_fork;
  while ((code = run.step()) == SQLITE_ROW) {
    NoFork::let_fork_pass();
    RETURN_IF_ERROR(see(run));
  }
  if (code != SQLITE_DONE) return connection.error(code, call, "scan the log");
  return {};
}

template <typename Name>
auto& at(Name& counts, std::string_view name) {
  const auto found = counts.find(name);
  return found != counts.end() ? found->second : counts[std::string(name)];
}

Result<std::int64_t> one_number(Connection& connection, Sql sql, const Call& call) {
  Run run(connection, sql);
  const int code = run.step();
  if (code != SQLITE_ROW) return connection.error(code, call, "count");
  return run.integer(0);
}

}  // namespace

Result<std::int64_t> SqliteBackend::count(const Filter& filter, const Call& call) {
  ASSIGN_OR_RETURN(const Pool::Lease connection, readers_.borrow(call));
  ReadTransaction look(*connection);
  RETURN_IF_ERROR(look.begin(call));
  // Counted in the pages of one index, without a look at the events.
  if (ES_DEFECT(sqlite_count_all) || filter.passes_everything())
    return one_number(*connection, Sql::kCountEvents, call);
  std::int64_t count = 0;
  EventRow row;
  RETURN_IF_ERROR(scan(*connection, call, [&](const Run& run) -> Status {
    if (!layout_.read_columns(run, row)) return unreadable(run);
    if (filter.passes(row)) ++count;
    return {};
  }));
  return count;
}

Result<Inspection> SqliteBackend::inspect(const Call& call) {
  ASSIGN_OR_RETURN(const Pool::Lease connection, readers_.borrow(call));
  ReadTransaction look(*connection);
  RETURN_IF_ERROR(look.begin(call));
  Inspection inspection;
  Counts counts;
  RETURN_IF_ERROR(scan(*connection, call, [&](const Run& run) -> Status {
    ++at(at(counts, run.text(kAggregateType)), run.text(kEventType));
    ++inspection.events;
    return {};
  }));
  for (const auto& [aggregate_type, types] : counts) {
    for (const auto& [event_type, events] : types) inspection.types.push_back({aggregate_type, event_type, events});
  }
  ASSIGN_OR_RETURN(inspection.streams, one_number(*connection, Sql::kCountStreams, call));
  if (has_snapshots_) {
    ASSIGN_OR_RETURN(inspection.snapshots, one_number(*connection, Sql::kCountSnapshots, call));
  }
  ASSIGN_OR_RETURN(inspection.first_position, one_number(*connection, Sql::kFirstPosition, call));
  inspection.last_position = look.head();
  inspection.file_bytes = size_of(file_);
  inspection.wal_bytes = size_of(file_ + "-wal");
  return inspection;
}

}  // namespace eventsource::core::sqlite
