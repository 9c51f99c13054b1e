// Appending: one statement that checks and writes; a look at streams and ids only where it refused.
#include <algorithm>
#include <optional>
#include <vector>

#include "core/base/defect.hpp"
#include "core/event/document.hpp"
#include "core/postgres/error.hpp"
#include "core/postgres/insertion.hpp"
#include "core/postgres/postgres_backend.hpp"

namespace eventsource::core::postgres {
namespace {

// Between two tries to reach a server that is restarting.
constexpr std::int64_t kReconnectPauseUs = 20'000;

// Losing a race is no reason to give up: somebody else has won it. Also a call that may not wait tries this often.
constexpr int kLeastTries = 3;

// The append contradicts what is stored (status.h, -300): the store was asked, and the batch is not in it.
bool is_refusal(const Error& error) {
  return error.code() / 100 == ES_VERSION_CONFLICT / 100;
}

// What the insertion alone decides.
Decision plain_decision(const PreparedAppend& append) {
  Decision decision;
  decision.writes = true;
  decision.versions.resize(append.events.size());
  decision.positions.resize(append.events.size());
  decision.known.resize(append.events.size());
  decision.stream_versions.resize(append.streams.size());
  return decision;
}

StreamState state_of(const Row& row) {
  StreamState state;
  state.version = row.integer(1);
  if (row.is_null(2)) return state;
  Uuid tenant_id;
  if (parse_uuid(row.text(2), tenant_id)) {
    state.tenant_id = tenant_id;
  } else {
    state.foreign_tenant = true;
  }
  return state;
}

Error rows_went_missing(const std::string& table, std::size_t stored, std::size_t sent) {
  return Error(ES_CONSTRAINT, "of " + std::to_string(sent) + " events, " + std::to_string(stored) +
                                  " were stored: a trigger or a rule of table " + table + " has kept back the others")
      .outcome(ES_OUTCOME_UNKNOWN);
}

}  // namespace

Result<AppendOutcome> PostgresBackend::append(const PreparedAppend& append, const Call& call) {
  // A lost connection leaves open what became of the COMMIT that was sent with the rest. The same batch again tells: its ids
  // are unique, and an insert waits for a backend that is still at work with one of them.
  bool is_unknown = false;
  for (int tries = 1;; ++tries) {
    Result<AppendOutcome> outcome = append_now(append, call);
    if (outcome.ok()) return outcome;
    const Error& error = outcome.error();
    is_unknown = is_unknown || error.outcome() == ES_OUTCOME_UNKNOWN;
    if (is_unknown ? is_refusal(error) : error.code() != ES_UNAVAILABLE) return outcome;
    const bool may_go_on = is_unknown && error.is_retryable() && (call.may_wait() || tries < kLeastTries);
    if (!may_go_on || !call.check().ok()) {
      if (!is_unknown) return outcome;
      return Error(error).outcome(ES_OUTCOME_UNKNOWN);
    }
    if (tries > 1) environment_.pause_us(std::min(kReconnectPauseUs, std::max<std::int64_t>(call.wait_left_us(), 1)));
  }
}

Result<AppendOutcome> PostgresBackend::append_now(const PreparedAppend& append, const Call& call) {
  Insertion insertion = Insertion::of_all(append);
  Decision decision = plain_decision(append);
  bool may_insert = insertion.is_possible();
  for (int tries = 1;; ++tries) {
    if (may_insert) {
      std::vector<Insertion::Written> written;
      Status status = insert(insertion, append.skip_duplicates, written, call);
      if (status.ok() && !written.empty()) {
        if (written.size() != insertion.size())
          return rows_went_missing(layout_.events, written.size(), insertion.size());
        insertion.take(written, decision);
        return to_outcome(std::move(decision));
      }
      if (!status.ok() && status.error().sqlstate() != kUniqueViolation && !is_transient(status.error())) return status;
      if (tries >= kLeastTries && !call.may_wait()) {
        if (!status.ok() && is_transient(status.error())) return status;
        return call.busy("a stream of this append");
      }
    }
    std::vector<StreamState> states;
    ASSIGN_OR_RETURN(decision, decide_now(append, call, states));
    if (!decision.writes) return to_outcome(std::move(decision));
    insertion = Insertion::of_new(append, decision, states);
    may_insert = true;
  }
}

Status PostgresBackend::insert(const Insertion& insertion, bool probe_ids, std::vector<Insertion::Written>& written,
                               const Call& call) {
  const Parameters parameters = insertion.parameters(layout_, probe_ids);
  written.reserve(insertion.size());
  const Step step{statements_.append, parameters, [&written](const Row& row) {
                    written.push_back({row.integer(0), row.integer(1)});
                    return true;
                  }};
  return transact(Access::kWrite, {&step, 1}, call);
}

Result<Decision> PostgresBackend::decide_now(const PreparedAppend& append, const Call& call,
                                             std::vector<StreamState>& states) {
  std::vector<std::optional<KnownEvent>> known;
  const auto forget = [&] {
    states.assign(append.streams.size(), {});
    known.assign(append.events.size(), std::nullopt);
  };
  forget();
  Array ids(Oid::kUuid);
  Array types(Oid::kText);
  for (const StreamInput& stream : append.streams) {
    ids.add(stream.name.aggregate_id);
    types.add(stream.name.aggregate_type);
  }
  const bool compares = layout_.payload_type == "jsonb";
  Array event_ids(Oid::kUuid);
  Array data(Oid::kText);
  for (const PreparedEvent& event : append.events) {
    event_ids.add(event.event_id);
    data.add(compares ? std::string_view("{" + std::string(event.members) + "}") : std::string_view());
  }
  Parameters streams;
  streams.add(std::move(ids));
  streams.add(std::move(types));
  Parameters events;
  events.add(std::move(event_ids));
  events.add(std::move(data));

  const auto see_head = [&](const Row& row) {
    states[static_cast<std::size_t>(row.integer(0)) - 1] = state_of(row);
    return true;
  };
  const auto see_known = [&](const Row& row) {
    const std::size_t index = static_cast<std::size_t>(row.integer(0)) - 1;
    const PreparedEvent& event = append.events[index];
    const bool is_same =
        compares ? row.text(5) == event.event_type && row.boolean(6) : same_content(row.text(5), row.text(6), event);
    known[index] = KnownEvent{row.integer(1), row.integer(2), std::string(row.text(3)), row.id(4), is_same};
    return true;
  };
  const Step steps[] = {{statements_.heads, streams, see_head}, {statements_.known, events, see_known, true}};
  RETURN_IF_ERROR(try_again(Access::kRead, steps, call, forget));
  return decide(append, states, known);
}

}  // namespace eventsource::core::postgres
