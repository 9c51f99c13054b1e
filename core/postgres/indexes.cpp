// The optional indexes, those of sql/postgres/optional_indexes: made in the schema of the store, while writers go on.
#include <algorithm>
#include <utility>

#include "core/base/out_of_memory.hpp"
#include "core/postgres/postgres_backend.hpp"
#include "core/sql/postgres.hpp"

namespace eventsource::core::postgres {
namespace {

using IndexFile = std::pair<std::string_view, std::string_view>;  // its name, its SQL

// Of builds by other roles the server does not say which index it is.
constexpr StatementView kStates{"",
                                "SELECT c.relname::text, i.indisvalid AND i.indisready, "
                                "coalesce(pg_relation_size(c.oid), 0)::int8, "
                                "EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = c.oid) "
                                "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
                                "WHERE i.indrelid = to_regclass($1::text)"};

// A build waits for other transactions, and reads the whole table: no timeout of server, database or role is meant for
// that. An older snapshot of its own, as in REPEATABLE READ, it would wait for forever.
constexpr StatementView kBuildSettings{
    "",
    "SELECT set_config(name, '0', false) FROM pg_settings "
    "WHERE name IN ('lock_timeout', 'statement_timeout', 'transaction_timeout') "
    "UNION ALL SELECT set_config('default_transaction_read_only', 'off', false) "
    "UNION ALL SELECT set_config('default_transaction_isolation', 'read committed', false)"};

// Two builds on one table wait for each other in a circle, and the server ends one of them halfway. Whoever waited for this
// lock would be waited for by the build: so nobody waits for it.
constexpr StatementView kOneAtATime{
    "", "SELECT pg_try_advisory_lock(hashtextextended('eventsource index ' || to_regclass($1::text)::oid, 0))"};

constexpr StatementView kUnlock{
    "", "SELECT pg_advisory_unlock(hashtextextended('eventsource index ' || to_regclass($1::text)::oid, 0))"};

// What the end of a build may take, whatever the call has left.
constexpr std::int64_t kCleanUpMs = 5'000;

// The first sentence of the comment that a file starts with.
std::string purpose_of(std::string_view text) {
  std::string comment;
  while (text.starts_with("--")) {
    const std::string_view line = text.substr(0, text.find('\n'));
    comment.append(line.substr(2));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  comment.erase(0, comment.find_first_not_of(' '));
  return comment.substr(0, comment.find(". ")).append(comment.find(". ") == std::string::npos ? "" : ".");
}

// The file names the table as the search path finds it.
std::string build_statement(std::string_view text, const std::string& events) {
  constexpr std::string_view kTable = "ON events";
  std::string statement(text.substr(text.find("CREATE INDEX")));
  return statement.replace(statement.find(kTable), kTable.size(), "ON " + events);
}

Parameters name_of(const std::string& events) {
  Parameters parameters;
  parameters.add(std::string_view(events));
  return parameters;
}

See into(std::vector<OptionalIndex>& indexes) {
  return [&indexes](const Row& row) {
    const auto index = std::ranges::find(indexes, row.text(0), &OptionalIndex::name);
    if (index == indexes.end()) return true;
    const std::int32_t broken = row.boolean(3) ? ES_INDEX_BUILDING : ES_INDEX_INVALID;
    index->state = row.boolean(1) ? ES_INDEX_READY : broken;
    index->bytes = row.integer(2);
    return true;
  };
}

std::vector<OptionalIndex> absent_indexes() {
  std::vector<OptionalIndex> indexes;
  for (const auto& [name, text] : sql::postgres_optional_indexes) {
    indexes.push_back({std::string(name), purpose_of(text), ES_INDEX_ABSENT, 0});
  }
  return indexes;
}

Error unknown_index(std::string_view name) {
  std::string names;
  for (const IndexFile& file : sql::postgres_optional_indexes)
    names.append(names.empty() ? "" : ", ").append(file.first);
  return Error(ES_INVALID_ARGUMENT, "there is no optional index \"" + std::string(name) + "\", there are " + names);
}

Error needs_session(std::string_view name, const std::string& shown) {
  return Error(ES_INVALID_URL, "index " + std::string(name) + ": " + shown +
                                   " leads to a pooler that may give each transaction another connection, and an index "
                                   "is made in several: open the store with the URL of the server itself");
}

// Closes the connection at the end of its scope, whatever ends that: it is for nobody else.
class NotGivenBack {
 public:
  explicit NotGivenBack(ConnectionPool::Lease& lease) : lease_(lease) {}
  ~NotGivenBack() { lease_.drop(); }
  NotGivenBack(const NotGivenBack&) = delete;
  NotGivenBack& operator=(const NotGivenBack&) = delete;

 private:
  ConnectionPool::Lease& lease_;
};

// Makes one index on a connection that is closed afterwards: it may have the lock and the settings still. Blocks the thread.
class Build {
 public:
  Build(Connection& connection, std::string events, const IndexFile& file, const std::string& shown, const Call& call)
      : connection_(connection),
        events_(std::move(events)),
        name_(file.first),
        // In the schema of its table.
        qualified_(events_.substr(0, events_.size() - std::string_view("events").size()) + name_),
        statement_(build_statement(file.second, events_)),
        shown_(shown),
        call_(call) {}

  // Whether it was made now.
  [[nodiscard]] Result<bool> run() {
    RETURN_IF_ERROR(begin());
    try {
      Result<bool> made = build();
      end();
      return made;
    } catch (const std::bad_alloc&) {
      if (is_sent_) throw OutcomeUnknown();
      throw;
    }
  }

 private:
  [[nodiscard]] Result<bool> build() {
    ASSIGN_OR_RETURN(const std::int32_t before, state(call_));
    if (before == ES_INDEX_READY) return false;
    if (before == ES_INDEX_BUILDING) return busy();
    if (before == ES_INDEX_INVALID) RETURN_IF_ERROR(named(run_unlimited(drop_statement(), call_)));
    if (const Status built = run_unlimited(statement_, call_); !built.ok()) return failed(built.error());
    ASSIGN_OR_RETURN(const std::int32_t after, state(last_call()));
    if (after != ES_INDEX_READY) return name_taken();
    return true;
  }
  [[nodiscard]] Status begin() {
    const Parameters events = name_of(events_);
    bool is_alone = false;
    const Step step{kOneAtATime, events, [&is_alone](const Row& row) {
                      is_alone = row.boolean(0);
                      return true;
                    }};
    RETURN_IF_ERROR(connection_.transact_now(Access::kRead, {&step, 1}, call_));
    if (!is_alone) return busy();
    return {};
  }
  // The server notices the end of a connection in its own time; who comes next need not wait for that.
  void end() noexcept {
    if (!connection_.is_usable()) return;
    try {
      const Parameters events = name_of(events_);
      const Step step{kUnlock, events, nullptr};
      static_cast<void>(connection_.transact_now(Access::kRead, {&step, 1}, last_call()));
    } catch (const std::bad_alloc&) {
      return;  // then they do
    }
  }

  // Each look at the server's tables sets a lock_timeout for itself, so that the settings come right before.
  [[nodiscard]] Status run_unlimited(const std::string& statement, const Call& call) {
    const Parameters none;
    const Step settings{kBuildSettings, none, nullptr};
    RETURN_IF_ERROR(connection_.transact_now(Access::kRead, {&settings, 1}, call));
    is_sent_ = true;
    return connection_.run_alone_now(statement, call);
  }

  [[nodiscard]] Result<std::int32_t> state(const Call& call) {
    std::vector<OptionalIndex> one = {{name_, {}, ES_INDEX_ABSENT, 0}};
    const Parameters events = name_of(events_);
    const Step step{kStates, events, into(one)};
    RETURN_IF_ERROR(connection_.transact_now(Access::kRead, {&step, 1}, call));
    return one.front().state;
  }

  [[nodiscard]] Call last_call() const {
    CallOptions options;
    options.timeout_ms = kCleanUpMs;
    return {call_.environment(), options, kCleanUpMs};
  }

  [[nodiscard]] std::string drop_statement() const { return "DROP INDEX CONCURRENTLY IF EXISTS " + qualified_; }

  // Every failed build leaves an index that answers nothing and slows writers down.
  [[nodiscard]] Error failed(const Error& error) {
    if (!connection_.is_usable()) {
      return with(error, ". The server may still be making the index, or have left it invalid: look again later");
    }
    const Call call = last_call();
    const Result<std::int32_t> left = state(call);
    if (left.ok() && left.value() == ES_INDEX_ABSENT) return with(error, "");
    const bool is_dropped = left.ok() && left.value() == ES_INDEX_INVALID && run_unlimited(drop_statement(), call).ok();
    return with(error, is_dropped ? ""
                                  : ". What is left of it is invalid, and a transaction is in the way of dropping it: "
                                    "add the index again later, or run " +
                                        drop_statement());
  }

  [[nodiscard]] Status named(Status status) const {
    if (status.ok()) return status;
    return with(status.error(), "");
  }

  [[nodiscard]] Error with(const Error& error, const std::string& more) const {
    if (error.code() == ES_ACCESS_DENIED) {
      return Error(ES_ACCESS_DENIED,
                   shown_ + ": only the owner of table " + events_ + " can make an index of it: connect as that role")
          .sqlstate(error.sqlstate());
    }
    Error named = Error(error.code(), "index " + name_ + ": " + error.message() + more)
                      .outcome(error.outcome())
                      .sqlstate(error.sqlstate());
    return error.is_retryable() ? std::move(named).retryable() : named;
  }

  [[nodiscard]] Error busy() const {
    return Error(ES_BUSY, "index " + name_ + ": somebody else is making an index of " + shown_ +
                              ", and one is made at a time: try again when it is there")
        .retryable();
  }

  [[nodiscard]] Error name_taken() const {
    return Error(ES_CONSTRAINT, shown_ + ": there is something else named " + qualified_ +
                                    ", so that the index can't be made: rename that");
  }

  Connection& connection_;
  const std::string events_;
  const std::string name_;
  const std::string qualified_;
  const std::string statement_;
  const std::string& shown_;
  const Call& call_;
  bool is_sent_ = false;  // something that changes the table's indexes, or may have been
};

}  // namespace

Task<Result<std::vector<OptionalIndex>>> PostgresBackend::list_indexes(const Call& call) {
  std::vector<OptionalIndex> indexes = absent_indexes();
  const Parameters events = name_of(layout_.events);
  const Step steps[] = {{kStates, events, into(indexes)}};
  const std::function<void()> forget = [&indexes] { indexes = absent_indexes(); };
  CO_RETURN_IF_ERROR(co_await try_again(Access::kRead, steps, call, forget));
  co_return indexes;
}

Task<Result<bool>> PostgresBackend::add_index(std::string_view name, const Call& call) {
  const auto file = std::ranges::find(sql::postgres_optional_indexes, name, &IndexFile::first);
  if (file == sql::postgres_optional_indexes.end()) co_return unknown_index(name);
  CO_ASSIGN_OR_RETURN(ConnectionPool::Lease connection, co_await pool_.borrow(call));
  if (!connection->has_session()) co_return needs_session(name, url_.shown);
  const NotGivenBack closed(connection);
  bool was_made = false;
  const std::function<Status(const Call&)> work = [&](const Call& blocking) -> Status {
    ASSIGN_OR_RETURN(was_made, Build(*connection, layout_.events, *file, url_.shown, blocking).run());
    return {};
  };
  CO_RETURN_IF_ERROR(co_await aside(call, Scheduler::Errand::kLong, work));
  co_return was_made;
}

}  // namespace eventsource::core::postgres
