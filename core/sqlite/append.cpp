// Appending: decide inside the transaction, write, commit.
#include <charconv>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "core/base/defect.hpp"
#include "core/event/document.hpp"
#include "core/sqlite/sqlite_backend.hpp"

namespace eventsource::core::sqlite {
namespace {

// How many events are written between two looks at whether the call must end.
constexpr std::size_t kLookEvery = 64;

// One append on the writing connection.
class Appender {
 public:
  Appender(Connection& connection, const PreparedAppend& append, const Call& call)
      : connection_(connection), append_(append), call_(call) {}

  // Looks at the streams and decides. Unless `look_up`, no id is looked up: a repeated one shows when it is written.
  [[nodiscard]] Result<Decision> decide_now(bool look_up) {
    RETURN_IF_ERROR(find_states());
    std::vector<std::optional<KnownEvent>> known;
    if (look_up) RETURN_IF_ERROR(find_known(known));
    return decide(append_, states_, known);
  }

  // Writes the new events and fills in their positions. False: a unique key refused one, the transaction is void.
  [[nodiscard]] Result<bool> write(Decision& decision) {
    const NoFork no_fork;
    Run run(connection_, Sql::kInsertEvent);
    run.bind(9, append_.stored_at);
    for (std::size_t i = 0; i < append_.events.size(); ++i) {
      if (i % kLookEvery == 0) RETURN_IF_ERROR(call_.check());
      if (decision.known[i] != 0) continue;
      NoFork::let_fork_pass();
      bind(run, append_.events[i], decision.versions[i]);
      const int code = run.step();
      run.again();
      if (code == SQLITE_CONSTRAINT_UNIQUE) return false;
      if (code != SQLITE_DONE) return failed(code, "write an event");
      decision.positions[i] = gated<sqlite3_last_insert_rowid>(connection_.handle());
    }
    return true;
  }

 private:
  [[nodiscard]] Status find_states() {
    states_.assign(append_.streams.size(), {});
    const NoFork no_fork;
    Run run(connection_, Sql::kStreamHead);
    for (std::size_t i = 0; i < append_.streams.size(); ++i) {
      if (i % kLookEvery == 0) RETURN_IF_ERROR(call_.check());
      NoFork::let_fork_pass();
      run.bind(1, append_.streams[i].name.aggregate_id);
      run.bind(2, append_.streams[i].name.aggregate_type);
      const int code = run.step();
      if (code == SQLITE_ROW) {
        states_[i].version = run.integer(0);
        if (!ES_DEFECT(sqlite_forget_tenant)) states_[i].tenant_id = run.id(1);
        states_[i].foreign_tenant = !states_[i].tenant_id && !run.is_null(1);
      } else if (code != SQLITE_DONE) {
        return failed(code, "look for a stream");
      }
      run.again();
    }
    return {};
  }

  [[nodiscard]] Status find_known(std::vector<std::optional<KnownEvent>>& known) {
    known.assign(append_.events.size(), std::nullopt);
    const NoFork no_fork;
    Run run(connection_, Sql::kKnownEvent);
    for (std::size_t i = 0; i < append_.events.size(); ++i) {
      if (i % kLookEvery == 0) RETURN_IF_ERROR(call_.check());
      NoFork::let_fork_pass();
      const PreparedEvent& event = append_.events[i];
      run.bind(1, event.event_id);
      const int code = run.step();
      if (code == SQLITE_ROW) {
        known[i] = KnownEvent{run.integer(0), run.integer(1), std::string(run.text(2)), run.id(3).value_or(Uuid{}),
                              same_content(run.text(4), run.text(5), event)};
      } else if (code != SQLITE_DONE) {
        return failed(code, "look for an event");
      }
      run.again();
    }
    return {};
  }

  void bind(Run& run, const PreparedEvent& event, std::int64_t version) {
    const StreamName& stream = append_.streams[event.stream].name;
    char digits[20];
    char* const end =
        std::to_chars(digits, digits + sizeof digits, ES_DEFECT(sqlite_stale_document) ? version - 1 : version).ptr;
    document_.assign(event.head).append(&digits[0], end).append(event.tail);
    run.bind(1, event.event_id);
    run.bind(2, stream.aggregate_id);
    run.bind(3, stream.aggregate_type);
    run.bind(4, event.event_type);
    run.bind(5, event.tenant_id);
    run.bind(6, ES_DEFECT(sqlite_no_actor) && event.actor_id == "" ? std::nullopt : event.actor_id);
    run.bind(7, version);
    run.bind(8, event.occurred_at);
    run.bind(10, document_);
  }

  [[nodiscard]] Error failed(int code, const char* doing) const { return connection_.error(code, call_, doing); }

  Connection& connection_;
  const PreparedAppend& append_;
  const Call& call_;
  std::vector<StreamState> states_;
  std::string document_;
};

Error key_is_damaged(const std::string& path) {
  return Error(ES_CORRUPT_STORE, "an index of " + path +
                                     " refuses an event that can't be found in it: run PRAGMA integrity_check on the "
                                     "file, and REINDEX or restore it")
      .detail("path", path);
}

// The append contradicts what is stored (status.h, -300): the store was asked, and the batch is not in it.
bool is_refusal(const Error& error) {
  return error.code() / 100 == ES_VERSION_CONFLICT / 100;
}

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
    if (again.ok() || is_refusal(again.error())) return again;
  } catch (const std::bad_alloc&) {
    // Running out of memory now says nothing about the commit.
    return outcome;
  }
  return outcome;
}

Result<AppendOutcome> SqliteBackend::append_once(Connection& connection, const PreparedAppend& append,
                                                 const Call& call) {
  WriteTransaction transaction(connection, watch_);
  Appender appender(connection, append, call);
  RETURN_IF_ERROR(transaction.begin(call));
  if (transaction.had_to_wait()) courtesy_.met_others();

  // Almost every append is new: first without a look at the ids. What is refused, or meets a unique key, is decided
  // again with them, as a repeated append has its first result whatever its expected version.
  Result<Decision> decision = appender.decide_now(false);
  bool written = false;
  if (decision.ok()) {
    ASSIGN_OR_RETURN(written, appender.write(decision.value()));
    if (!written) {
      transaction.rollback();
      RETURN_IF_ERROR(transaction.begin(call));
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
