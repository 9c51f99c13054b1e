// Snapshots: one row for each stream, replaced only by a newer one.
#include <algorithm>

#include "core/base/out_of_memory.hpp"
#include "core/postgres/error.hpp"
#include "core/postgres/postgres_backend.hpp"

namespace eventsource::core::postgres {
namespace {

Parameters stream_parameters(const StreamName& stream) {
  Parameters parameters;
  parameters.add(stream.aggregate_id);
  parameters.add(stream.aggregate_type);
  return parameters;
}

}  // namespace

Error PostgresBackend::no_snapshots() const {
  return Error(ES_NOT_A_STORE, url_.shown + ": there is no table snapshots beside " + layout_.events +
                                   ". Run sql/postgres/all.sql: it adds what is missing");
}

Task<Result<bool>> PostgresBackend::write_snapshot(const SnapshotWrite& write, const Parameters& parameters,
                                                   const Call& call) {
  if (layout_.snapshots.empty()) co_return no_snapshots();
  std::vector<ServerProcess> lost;
  std::optional<Error> first;
  try {
    co_return co_await write_until_told(write, parameters, call, lost, first);
  } catch (const std::bad_alloc&) {
    if (first || !lost.empty()) throw OutcomeUnknown();
    throw;
  }
}

// A try whose answer was lost may still be on its way: it is made again only when it can't happen any more, as it might undo
// what somebody else does later.
Task<Result<bool>> PostgresBackend::write_until_told(const SnapshotWrite& write, const Parameters& parameters,
                                                     const Call& call, std::vector<ServerProcess>& lost,
                                                     std::optional<Error>& first) {
  const std::string unknown = std::string("the snapshot was ") + write.done + ": look, or make the call again";
  for (int tries = 1;; ++tries) {
    bool is_done = false;
    const See see = [&is_done](const Row&) { return is_done = true; };
    std::vector<Step> steps = {{write.statement, parameters, see}};
    if (first && write.look != nullptr) steps.push_back({*write.look, parameters, see});
    const Status status = co_await transact(Access::kWrite, steps, call, &lost);
    if (status.ok() && !is_done && first && write.look == nullptr) co_return not_known(*first, url_.shown, unknown);
    if (status.ok()) co_return is_done;
    const Error& error = status.error();
    if (!first && !lost.empty()) first = error;
    const bool may_pass = error.code() == ES_UNAVAILABLE || is_transient(error);
    bool may_try = may_pass && tries < kTries && call.check().ok();
    if (may_try) may_try = co_await end_all(lost, call);
    if (!may_try) co_return first ? not_known(*first, url_.shown, unknown) : error;
    CO_RETURN_IF_ERROR(co_await pause_after(tries, call));
    tell_again(error);
  }
}

Task<bool> PostgresBackend::end_all(std::vector<ServerProcess>& lost, const Call& call) {
  for (int tries = 1;; ++tries) {
    static_cast<void>(co_await end_lost(lost, call));
    if (lost.empty()) co_return true;
    const bool are_known = std::ranges::all_of(lost, [](const ServerProcess& process) { return process.pid != 0; });
    if (!are_known || tries == kTries || !call.may_wait()) co_return false;
    static_cast<void>(co_await pause_after(tries, call));
  }
}

Task<Result<bool>> PostgresBackend::save_snapshot(const StreamName& stream, const Snapshot& snapshot,
                                                  const Call& call) {
  if (!layout_.snapshots.empty() && !layout_.snapshots_are_unique) {
    co_return Error(ES_NOT_A_STORE, url_.shown + ": table " + layout_.snapshots +
                                        " has no unique key on (aggregate_id, aggregate_type), so that a stream could "
                                        "get two snapshots: make one");
  }
  Parameters parameters = stream_parameters(stream);
  parameters.add(static_cast<std::int32_t>(snapshot.version));
  parameters.add(snapshot.schema_version);
  parameters.add(snapshot.state);
  const SnapshotWrite write{"saved", statements_.save_snapshot, &statements_.same_snapshot};
  co_return co_await write_snapshot(write, parameters, call);
}

Task<Result<bool>> PostgresBackend::delete_snapshot(const StreamName& stream, const Call& call) {
  const SnapshotWrite write{"deleted", statements_.delete_snapshot, nullptr};
  const Parameters parameters = stream_parameters(stream);
  co_return co_await write_snapshot(write, parameters, call);
}

Task<Result<std::optional<Snapshot>>> PostgresBackend::load_snapshot(const StreamName& stream, const Call& call) {
  std::optional<Snapshot> snapshot;
  if (layout_.snapshots.empty()) co_return snapshot;
  const Parameters parameters = stream_parameters(stream);
  const Step steps[] = {{statements_.load_snapshot, parameters, [&snapshot](const Row& row) {
                           snapshot = Snapshot{row.integer(0), static_cast<std::int32_t>(row.integer(1)), row.time(2),
                                               std::string(row.text(3))};
                           return true;
                         }}};
  const std::function<void()> forget = [&snapshot] { snapshot.reset(); };
  CO_RETURN_IF_ERROR(co_await try_again(Access::kRead, steps, call, forget));
  co_return snapshot;
}

}  // namespace eventsource::core::postgres
