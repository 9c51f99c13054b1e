// Appending: decide inside the transaction, write, commit.
#include <new>

#include "core/sqlite/appender.hpp"
#include "core/sqlite/sqlite_backend.hpp"

namespace eventsource::core::sqlite {
namespace {

// Another process that holds the file this long does more than append.
constexpr std::int64_t kLongWaitUs = 1'000'000;

}  // namespace

Result<AppendOutcome> SqliteBackend::append(const PreparedAppend& append, const Call& call) {
  RETURN_IF_ERROR(may_write());
  Result<AppendOutcome> outcome = append_in_turn(append, call);
  if (outcome.ok()) courtesy_.let_others_pass(call);
  return outcome;
}

Result<AppendOutcome> SqliteBackend::append_in_turn(const PreparedAppend& append, const Call& call) {
  ASSIGN_OR_RETURN(Pool::Lease connection, writer_.borrow(call));
  Result<AppendOutcome> outcome = append_once(*connection, append, call);
  if (outcome.ok() || outcome.error().outcome() != ES_OUTCOME_UNKNOWN) return outcome;
  // Made again on a fresh look, the batch tells by its ids whether its commit took effect. A failed one is not in the
  // index of the log; its frames, should they be on the disk, are written over by the next commit, whoever makes it.
  try {
    if (!connection.open_again(call).ok()) return outcome;
    Result<AppendOutcome> again = append_once(*connection, append, call);
    if (again.ok() || is_refusal(again.error())) {
      settings_.telemetry->resolved(again.ok());
      return again;
    }
  } catch (const std::bad_alloc&) {
    // Running out of memory now says nothing about the commit.
    return outcome;
  }
  return outcome;
}

Status SqliteBackend::begin(WriteTransaction& transaction, const Call& call) {
  const std::int64_t start_us = call.environment().steady_us();
  Status status = transaction.begin(call);
  if (!transaction.had_to_wait()) return status;
  courtesy_.met_others();
  settings_.telemetry->metrics.lock_waits.add();
  const std::int64_t waited_us = call.environment().steady_us() - start_us;
  if (waited_us >= kLongWaitUs) {
    settings_.telemetry->log.named("sqlite").write(LogLevel::kWarning, "waited for another process",
                                                   {{"path", path_}, {"waited_ms", waited_us / 1'000}});
  }
  return status;
}

Result<AppendOutcome> SqliteBackend::append_once(Connection& connection, const PreparedAppend& append,
                                                 const Call& call) {
  WriteTransaction transaction(connection, watch_);
  Appender appender(connection, append, call);
  RETURN_IF_ERROR(begin(transaction, call));

  // Almost every append is new: first without a look at the ids. What is refused, or meets a unique key, is decided
  // again with them, as a repeated append has its first result whatever its expected version.
  Result<Decision> decision = appender.decide_now(false);
  bool written = false;
  if (decision.ok()) {
    ASSIGN_OR_RETURN(written, appender.write(decision.value()));
    if (!written) {
      transaction.rollback();
      RETURN_IF_ERROR(begin(transaction, call));
    }
  }
  if (!written) {
    decision = appender.decide_now(true);
    if (!decision.ok()) return std::move(decision).status();
    if (!decision.value().writes) return to_outcome(std::move(decision).value());
    ASSIGN_OR_RETURN(written, appender.write(decision.value()));
    if (!written) return key_is_damaged(path_);
  }
  RETURN_IF_ERROR(call.check());
  RETURN_IF_ERROR(transaction.commit(call));
  return to_outcome(std::move(decision).value());
}

}  // namespace eventsource::core::sqlite
