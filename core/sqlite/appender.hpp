// One append on the writing connection, inside of a transaction: decide, then write.
// Used by the thread that has borrowed the connection.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "core/backend/decision.hpp"
#include "core/base/call.hpp"
#include "core/base/defect.hpp"
#include "core/event/document.hpp"
#include "core/sqlite/connection.hpp"

namespace eventsource::core::sqlite {

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
  // How many events are written between two looks at whether the call must end.
  static constexpr std::size_t kLookEvery = 64;

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

}  // namespace eventsource::core::sqlite
