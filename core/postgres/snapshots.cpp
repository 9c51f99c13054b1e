// Snapshots: one row for each stream, replaced only by a newer one.
#include "core/base/defect.hpp"
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

Result<bool> PostgresBackend::write_snapshot(const Statement& statement, const Parameters& parameters,
                                             const Call& call) {
  if (layout_.snapshots.empty()) return no_snapshots();
  bool changed = false;
  const Step step{statement, parameters, [&changed](const Row&) { return changed = true; }};
  // Made twice it changes nothing more, so that a lost connection needs no answer to what became of the first try.
  RETURN_IF_ERROR(try_again(Access::kWrite, {&step, 1}, call, [&changed] { changed = false; }));
  return changed;
}

Result<bool> PostgresBackend::save_snapshot(const StreamName& stream, const Snapshot& snapshot, const Call& call) {
  if (!layout_.snapshots.empty() && !layout_.snapshots_are_unique) {
    return Error(ES_NOT_A_STORE, url_.shown + ": table " + layout_.snapshots +
                                     " has no unique key on (aggregate_id, aggregate_type), so that a stream could "
                                     "get two snapshots: make one");
  }
  Parameters parameters = stream_parameters(stream);
  parameters.add(static_cast<std::int32_t>(snapshot.version));
  parameters.add(snapshot.schema_version);
  parameters.add(snapshot.state);
  return write_snapshot(statements_.save_snapshot, parameters, call);
}

Result<bool> PostgresBackend::delete_snapshot(const StreamName& stream, const Call& call) {
  return write_snapshot(statements_.delete_snapshot, stream_parameters(stream), call);
}

Result<std::optional<Snapshot>> PostgresBackend::load_snapshot(const StreamName& stream, const Call& call) {
  std::optional<Snapshot> snapshot;
  if (layout_.snapshots.empty()) return snapshot;
  const Parameters parameters = stream_parameters(stream);
  const Step step{statements_.load_snapshot, parameters, [&snapshot](const Row& row) {
                    snapshot = Snapshot{row.integer(0), static_cast<std::int32_t>(row.integer(1)), row.time(2),
                                        std::string(row.text(3))};
                    return true;
                  }};
  RETURN_IF_ERROR(try_again(Access::kRead, {&step, 1}, call, [&snapshot] { snapshot.reset(); }));
  return snapshot;
}

}  // namespace eventsource::core::postgres
