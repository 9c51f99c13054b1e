// Appending: one statement that checks and writes; a look at streams and ids only where it refused.
#include <algorithm>
#include <optional>
#include <vector>

#include "core/base/out_of_memory.hpp"
#include "core/event/document.hpp"
#include "core/postgres/error.hpp"
#include "core/postgres/insertion.hpp"
#include "core/postgres/postgres_backend.hpp"

namespace eventsource::core::postgres {
namespace {

// Losing a race is no reason to give up: somebody else has won it. Also a call that may not wait tries this often.
constexpr int kLeastTries = 3;

// A unique violation with nothing new to be seen this often is none of a stream's or an event's key.
constexpr int kLooksAtOtherKeys = 1;

// How long a try waits for what a lost process may hold.
constexpr std::int64_t kLostLockUs = 100'000;

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

// Whether two looks found the same streams at the same versions and the same events.
struct Look {
  std::vector<StreamState> states;
  std::vector<std::uint8_t> known;

  [[nodiscard]] bool is_same_as(const Look& other) const {
    return known == other.known &&
           std::ranges::equal(states, other.states, {}, &StreamState::version, &StreamState::version);
  }
};

bool is_kept_back(const Status& status) {
  return !status.ok() && status.error().sqlstate() == kBadText &&
         status.error().message().find(kKeptBack) != std::string::npos;
}

bool can_be_ended(const std::vector<ServerProcess>& lost) {
  return std::ranges::any_of(lost, [](const ServerProcess& process) { return process.pid != 0; });
}

Error kept_back(const std::string& table, const std::string& shown) {
  return Error(ES_CONSTRAINT, shown + ": a trigger or a rule of table " + table +
                                  " keeps back events instead of storing them, so nothing was stored: correct it");
}

}  // namespace

// A lost connection leaves open what became of the COMMIT that was sent with the rest. The same batch again tells: its ids
// are unique, and an insert waits for a process that is still at work with one of them. A refusal tells only when nothing
// of the first try can happen any more: its bytes may still be on their way to a process that waits for them. That process is
// ended, then; behind a pooler nobody knows which it is, and a lock that both tries take would not help, as the bytes may
// come to it after the second. So there a refusal tells if it is for good (stays_refused), and else nothing does.
Task<Result<AppendOutcome>> PostgresBackend::append(const PreparedAppend& append, const Call& call) {
  std::optional<Error> first;
  std::vector<ServerProcess> lost;
  try {
    co_return co_await append_until_known(append, call, first, lost);
  } catch (const std::bad_alloc&) {
    // Running out of memory now says nothing about the tries before.
    if (first || !lost.empty()) throw OutcomeUnknown();
    throw;
  }
}

Task<Result<AppendOutcome>> PostgresBackend::append_until_known(const PreparedAppend& append, const Call& call,
                                                                std::optional<Error>& first,
                                                                std::vector<ServerProcess>& lost) {
  for (int tries = 1;; ++tries) {
    const std::size_t lost_before = lost.size();
    // One that could not be ended may hold what this try needs: it is to be ended before it is waited for.
    std::optional<Call> hasty;
    if (!lost.empty()) hasty.emplace(call.with_lock_limit(kLostLockUs));
    Result<AppendOutcome> outcome = co_await append_now(append, hasty ? *hasty : call, lost);
    if (outcome.ok() && first) telemetry_->resolved(true);
    if (outcome.ok()) co_return outcome;
    const Error& error = outcome.error();
    if (!first && lost.empty()) {
      if (!may_be_back(error, tries, call)) co_return outcome;
      CO_RETURN_IF_ERROR(co_await pause_after(tries, call));
      continue;
    }
    if (!first) first = error;
    if (lost.size() == lost_before && (lost.empty() ? is_refusal(error) : stays_refused(error))) {
      telemetry_->resolved(false);
      co_return outcome;
    }
    // A refusal tells once those processes are gone.
    const bool can_tell = error.is_retryable() || (is_refusal(error) && can_be_ended(lost));
    const bool may_go_on = can_tell && (call.may_wait() || tries < kLeastTries);
    if (!may_go_on || !call.check().ok()) {
      co_return append_not_known(*first);
    }
    CO_RETURN_IF_ERROR(co_await pause_after(tries, call));
    CO_RETURN_IF_ERROR(co_await end_lost(lost, call));
    if (is_transient(error)) tell_again(error);
  }
}

// Of a try of which nothing was lost: a server that is restarting may have ended what the pool had, and what it opened instead.
bool PostgresBackend::may_be_back(const Error& error, int tries, const Call& call) {
  return error.code() == ES_UNAVAILABLE && tries < kTries && call.check().ok();
}

Error PostgresBackend::append_not_known(const Error& first) const {
  return not_known(first, url_.shown,
                   "the events were stored. To find out, append the same events again, with the same ids");
}

Task<Status> PostgresBackend::end_lost(std::vector<ServerProcess>& lost, const Call& call) {
  for (std::size_t i = lost.size(); i-- > 0;) {
    if (lost[i].pid == 0) continue;
    const Result<ConnectionPool::Lease> connection = co_await control_.borrow(call);
    if (!connection.ok()) break;
    const Result<bool> ended = co_await end_process(*connection.value(), lost[i], call);
    if (!ended.ok() || !ended.value()) continue;
    telemetry_->log.named(kLogger).write(LogLevel::kInfo, "server process ended", {{"pid", lost[i].pid}});
    lost.erase(lost.begin() + static_cast<std::ptrdiff_t>(i));
  }
  co_return Status();
}

Task<Result<AppendOutcome>> PostgresBackend::append_now(const PreparedAppend& append, const Call& call,
                                                        std::vector<ServerProcess>& lost) {
  Insertion insertion = Insertion::of_all(append);
  Decision decision = plain_decision(append);
  bool may_insert = insertion.is_possible();
  Look look;
  int same_looks = 0;  // in a row
  for (int tries = 1;; ++tries) {
    bool is_unique_violation = false;
    std::optional<Error> clash;
    if (may_insert) {
      std::vector<Insertion::Written> written;
      Status status = co_await insert(insertion, written, call, lost);
      if (status.ok() && insertion.take(written, decision)) co_return to_outcome(std::move(decision));
      is_unique_violation = !status.ok() && status.error().sqlstate() == kUniqueViolation;
      if (!status.ok() && !is_unique_violation && !is_transient(status.error())) co_return status;
      // Whoever was quicker shows in the next look. A key that nothing seen explains is one of the user's own; it is not
      // told by its name, as names change while the store is open.
      if (is_unique_violation && same_looks == kLooksAtOtherKeys) co_return status;
      if (tries >= kLeastTries && !call.may_wait()) {
        if (!status.ok() && is_transient(status.error())) co_return status;
        co_return call.busy("a stream of " + url_.shown);
      }
      if (!status.ok() && is_transient(status.error())) clash = std::move(status).take_error();
    }
    Look next;
    CO_ASSIGN_OR_RETURN(decision, co_await decide_now(append, call, next.states));
    if (!decision.writes) co_return to_outcome(std::move(decision));
    next.known = decision.known;
    // A deadlock says nothing about keys: nothing new need have been stored.
    same_looks = is_unique_violation && next.is_same_as(look) ? same_looks + 1 : 0;
    look = std::move(next);
    insertion = Insertion::of_new(append, decision, look.states);
    may_insert = true;
    if (clash) tell_again(*clash);
  }
}

Task<Status> PostgresBackend::insert(const Insertion& insertion, std::vector<Insertion::Written>& written,
                                     const Call& call, std::vector<ServerProcess>& lost) {
  const Parameters parameters = insertion.parameters(layout_);
  written.reserve(insertion.size());
  const bool with_ids = insertion.is_batch();
  const Step steps[] = {{insertion.statement(statements_.append), parameters, [&written, with_ids](const Row& row) {
                           written.push_back({row.integer(0), row.integer(1), with_ids ? row.id(2) : Uuid()});
                           return true;
                         }}};
  Status status = co_await transact(Access::kWrite, steps, call, &lost);
  if (is_kept_back(status)) co_return kept_back(layout_.events, url_.shown);
  co_return status;
}

Task<Result<Decision>> PostgresBackend::decide_now(const PreparedAppend& append, const Call& call,
                                                   std::vector<StreamState>& states) {
  std::vector<std::optional<KnownEvent>> known;
  const std::function<void()> forget = [&] {
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
  CO_RETURN_IF_ERROR(co_await try_again(Access::kRead, steps, call, forget));
  co_return decide(append, states, known);
}

}  // namespace eventsource::core::postgres
