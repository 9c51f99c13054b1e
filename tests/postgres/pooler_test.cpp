// A store behind a pgbouncer in transaction mode, a real one, that has two server connections for all of them.
#include "tests/support/pooler.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <vector>

#include "tests/postgres/race.hpp"
#include "tests/support/postgres_connection.hpp"
#include "tests/support/postgres_place.hpp"
#include "tests/support/proxy.hpp"

namespace postgres_test {
namespace {

using eventsource::core::now;
using test_support::Fault;
using test_support::Pooler;
using test_support::PostgresConnection;
using test_support::PostgresSchema;
using test_support::Proxy;

const Pooler& pooler() {
  static const Pooler one;
  return one;
}

// Transactions on both connections that the pooler has to the server, at the same moment.
class BothProcesses {
 public:
  explicit BothProcesses(const std::string& url) : one_(url), other_(url) {
    one_.run("begin");
    other_.run("begin");
  }
  // One that is left in the middle of a transaction is closed.
  ~BothProcesses() { run("rollback"); }
  BothProcesses(const BothProcesses&) = delete;
  BothProcesses& operator=(const BothProcesses&) = delete;
  std::vector<std::string> run(const std::string& sql) { return {one_.run(sql), other_.run(sql)}; }

 private:
  PostgresConnection one_;
  PostgresConnection other_;
};

class Pooled : public ::testing::Test {
 protected:
  Pooled() : url_(pooler().url(schema_.role_url())) {}

  // On the server itself.
  std::int64_t number(const std::string& sql) { return PostgresConnection(schema_.url()).number(sql); }
  void run(const std::string& sql) { PostgresConnection(schema_.url()).run(sql); }
  // Looks until `sql` gives `wanted`.
  void await(const std::string& sql, std::int64_t wanted) {
    PostgresConnection connection(schema_.url());
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    std::int64_t is = connection.number(sql);
    while (is != wanted && std::chrono::steady_clock::now() < end) {
      std::this_thread::yield();
      is = connection.number(sql);
    }
    ASSERT_EQ(is, wanted) << sql;
  }
  std::string of_this_role(const std::string& condition) {
    return "select count(*) from pg_stat_activity where usename = '" + schema_.name() + "' and " + condition;
  }
  // Each insert waits at `when`, "before insert" or at its COMMIT, until `holder` unlocks.
  void hold_inserts(PostgresConnection& holder, bool at_commit) {
    holder.run("select pg_advisory_lock(4711)");
    run("create function hold() returns trigger language plpgsql as "
        "'begin perform pg_advisory_xact_lock_shared(4711); return new; end'");
    run(at_commit ? "create constraint trigger hold after insert on events deferrable initially deferred "
                    "for each row execute function hold()"
                  : "create trigger hold before insert on events for each row execute function hold()");
  }

  PostgresSchema schema_;
  const std::string url_;
};

Batch batch_of(std::uint64_t first_id, std::int64_t expected, std::uint64_t stream = 1) {
  return {.events = {{stream, uuid_of(1, first_id)}, {stream, uuid_of(1, first_id + 1)}}, .expected = expected};
}

// -- What a pooler does to those who don't know of it.

TEST_F(Pooled, NaivelyPreparedStatementsAreLost) {
  PostgresConnection naive(url_);
  PostgresConnection other(url_);
  const std::string process = naive.run("prepare naive as select 1; select pg_backend_pid()");
  while (other.run("begin; select pg_backend_pid()") != process) other.run("rollback");
  EXPECT_EQ(naive.failure("execute naive"), "26000");
}

TEST_F(Pooled, NaivelyMadeSettingsAreSomebodyElses) {
  PostgresConnection(url_).run("set enable_seqscan = off");
  BothProcesses both(url_);
  const auto settings = both.run("show enable_seqscan");
  EXPECT_NE(settings[0], settings[1]);
}

// -- What the engine does.

TEST_F(Pooled, AStoreLeavesNothingInASession) {
  const auto store = open_store(url_);
  run("alter table events add made_by int default pg_backend_pid()");
  BothProcesses(url_).run("select 1");
  for (std::uint64_t i = 0; i < 10; ++i) {
    ASSERT_TRUE(append(*store, batch_of(10 * i, ES_ANY)).ok());
    ASSERT_TRUE(append(*store, {.events = {{2, uuid_of(2, i)}}}).ok());
    ASSERT_TRUE(append(*store, {.events = {{2, uuid_of(3, i)}, {3, uuid_of(4, i)}}}).ok());
    EXPECT_EQ(version_of(*store, 1), 2 * static_cast<std::int64_t>(i + 1));
    EXPECT_TRUE(now(store->save_snapshot(stream_of(1), static_cast<std::int64_t>(i) + 1, 1, "{}", {})).ok());
    EXPECT_TRUE(now(store->load_snapshot(stream_of(1), {})).ok());
    EXPECT_TRUE(now(store->count({}, {})).ok());
    EXPECT_TRUE(now(store->inspect({})).ok());
    EXPECT_TRUE(now(store->list_indexes({})).ok());
  }
  EXPECT_FALSE(append(*store, batch_of(200, 7)).ok());
  EXPECT_EQ(number("select count(distinct made_by) from events"), 2) << "otherwise nothing is tested";
  BothProcesses both(url_);
  EXPECT_EQ(both.run("select count(*) from pg_prepared_statements"), (std::vector<std::string>{"0", "0"}));
  EXPECT_EQ(both.run("select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()"),
            (std::vector<std::string>{"0", "0"}));
  // The others are pgbouncer's own.
  EXPECT_EQ(both.run("select string_agg(name, ' ') from pg_settings where source = 'session' and name not in "
                     "('application_name', 'client_encoding', 'DateStyle', 'TimeZone', 'standard_conforming_strings')"),
            (std::vector<std::string>{"", ""}));
}

TEST_F(Pooled, RacersAreToldTheTruth) {
  open_store(url_);
  constexpr int kProcesses = 3;
  constexpr int kThreads = 6;
  const int tries = rounds(10);
  Barrier start(kProcesses * kThreads);
  const auto logs = run_processes(kProcesses, [&](int process, const Log& log) {
    const auto store = open_store(url_);
    run_threads(kThreads, [&](int thread) {
      start.wait();
      const auto racer = static_cast<std::uint64_t>(process * kThreads + thread + 1);
      for (int n = 0; n < tries; ++n) {
        const std::uint64_t stream = 1 + racer % 3;
        const std::int64_t expected = racer % 2 == 0 ? std::int64_t{ES_ANY} : version_of(*store, stream);
        const Batch batch{.events = {{stream, uuid_of(racer, static_cast<std::uint64_t>(n) + 1)}},
                          .expected = expected};
        const auto result = append(*store, batch);
        if (result.ok()) {
          log.acknowledge(batch, result.value());
        } else if (expected == ES_ANY || result.error().code() != ES_VERSION_CONFLICT) {
          log.complain(result.error().message());
        }
      }
    });
  });
  for (const std::string& defect : defects(schema_.url(), "events", logs)) ADD_FAILURE() << defect;
  EXPECT_GE(number("select count(*) from events"), kProcesses * kThreads / 2 * tries);
}

TEST_F(Pooled, AServersEndIsSurvived) {
  const auto store = open_store(url_);
  for (std::uint64_t i = 0; i < 5; ++i) {
    number("select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = '" + schema_.name() + "'");
    const auto result = append(*store, batch_of(10 * i, static_cast<std::int64_t>(2 * i)));
    ASSERT_TRUE(result.ok()) << result.error().message();
    number("select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = '" + schema_.name() + "'");
    EXPECT_EQ(version_of(*store, 1), static_cast<std::int64_t>(2 * i + 2));
  }
}

TEST_F(Pooled, ADeadlineEndsTheStatementOnTheServer) {
  const auto store = open_store(url_);
  run("create function sleep() returns trigger language plpgsql as 'begin perform pg_sleep(600); return new; end'");
  run("create trigger sleep before insert on events for each row execute function sleep()");
  CallOptions options;
  options.timeout_ms = 500;
  const auto result = append(*store, batch_of(10, 0), options);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code(), ES_TIMEOUT) << result.error().message();
  EXPECT_EQ(result.error().outcome(), ES_OUTCOME_NOT_APPLIED);
  await(of_this_role("state = 'active'"), 0);
  EXPECT_EQ(version_of(*store, 1), 0);
}

// The pooler has no connection left for it: there is nothing to be cancelled, and nothing to wait for.
TEST_F(Pooled, ADeadlineEndsTheWaitForTheServer) {
  const auto store = open_store(url_);
  CallOptions options;
  options.timeout_ms = 300;
  {
    const BothProcesses both(url_);
    const auto start = std::chrono::steady_clock::now();
    const auto result = append(*store, batch_of(10, 0), options);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code(), ES_TIMEOUT) << result.error().message();
    EXPECT_EQ(result.error().outcome(), ES_OUTCOME_UNKNOWN);
    EXPECT_EQ(now(store->head(options)).error().code(), ES_TIMEOUT);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5)) << "a cancel was waited for";
  }
  EXPECT_EQ(now(store->head({})).value(), 0) << "it went with its connection";
}

TEST_F(Pooled, OptionsAreRefusedWithWhatToDo) {
  const auto expect_refused = [](const std::string& url) {
    const auto opened = Store::open(url, {}, {}, eventsource::core::system_environment());
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code(), ES_INVALID_URL) << opened.error().message();
    EXPECT_FALSE(opened.error().is_retryable());
    EXPECT_NE(opened.error().message().find("ALTER ROLE"), std::string::npos) << opened.error().message();
  };
  expect_refused(test_support::with_parameter(url_, "options", "-csearch_path=" + schema_.name()));
  // A pooler may also have been told to take them and do nothing.
  Proxy proxy;
  proxy.disguise();
  expect_refused(proxy.url(schema_.url()));
}

TEST_F(Pooled, AnIndexIsRefusedWithWhatToDo) {
  const auto store = open_store(url_);
  const auto made = now(store->add_index("idx_events_timestamp", {}));
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code(), ES_INVALID_URL) << made.error().message();
  EXPECT_NE(made.error().message().find("URL of the server itself"), std::string::npos) << made.error().message();
  EXPECT_TRUE(now(open_store(schema_.url())->add_index("idx_events_timestamp", {})).ok());
}

// -- Connections that break between the engine and the pooler.

class PooledOutcome : public Pooled {
 protected:
  void SetUp() override {
    direct_ = open_store(schema_.url());
    store_ = open_store(proxy_.url(url_));
    ASSERT_TRUE(append(*store_, batch_of(1, 0)).ok());
  }

  void expect_stored_once(std::uint64_t id, const AppendResult& result) {
    for (std::size_t i = 0; i < result.outcome.versions.size(); ++i) {
      const std::string where = " from events where event_id = '" + format_uuid(uuid_of(1, id + i)) + "'";
      EXPECT_EQ(number("select count(*)" + where), 1);
      EXPECT_EQ(number("select version" + where), result.outcome.versions[i]);
      EXPECT_EQ(number("select global_position" + where), result.outcome.positions[i]);
    }
  }

  Proxy proxy_{url_};
  std::shared_ptr<Store> direct_;
  std::shared_ptr<Store> store_;
};

TEST_F(PooledOutcome, OfALostConnectionIsTheFirstResult) {
  std::uint64_t id = 10;
  for (const Fault fault :
       {Fault::kLoseAll, Fault::kLoseCommit, Fault::kLoseAnswer, Fault::kLoseEnd, Fault::kCutAtOnce, Fault::kHoldAll}) {
    for (const bool is_exact : {false, true}) {
      SCOPED_TRACE(testing::Message() << "fault " << static_cast<int>(fault) << " exact " << is_exact);
      const int faults = proxy_.faults();
      const std::int64_t before = version_of(*direct_, 1);
      proxy_.set(fault);
      const auto result = append(*store_, batch_of(id, is_exact ? before : std::int64_t{ES_ANY}));
      ASSERT_TRUE(result.ok()) << result.error().message();
      EXPECT_EQ(proxy_.faults(), faults + 1);
      proxy_.release();
      EXPECT_EQ(version_of(*direct_, 1), before + 2);
      expect_stored_once(id, result.value());
      id += 10;
    }
  }
}

// The client is gone, and so is the pooler's connection; the server's process goes on with what it has.
TEST_F(PooledOutcome, OfACommitThatIsStillAtWorkIsWaitedFor) {
  for (const bool at_commit : {true, false}) {
    SCOPED_TRACE(at_commit);
    const std::uint64_t id = at_commit ? 10 : 20;
    const std::int64_t before = version_of(*direct_, 1);
    PostgresConnection holder(schema_.url());
    hold_inserts(holder, at_commit);
    proxy_.set(Fault::kCutLater);
    CallOptions options;
    options.timeout_ms = 60'000;
    std::thread caller([&] {
      const auto result = append(*store_, batch_of(id, before), options);
      ASSERT_TRUE(result.ok()) << result.error().message();
      EXPECT_EQ(result.value().outcome.versions, (std::vector<std::int64_t>{before + 1, before + 2}));
      expect_stored_once(id, result.value());
    });
    await(of_this_role("wait_event = 'advisory'"), 1);
    proxy_.release();
    // The first try is held still, and the second waits: for the first, or beside it.
    await(of_this_role("wait_event_type = 'Lock'"), 2);
    await(of_this_role("wait_event = 'advisory'"), at_commit ? 1 : 2);
    EXPECT_EQ(version_of(*direct_, 1), before);
    holder.run("select pg_advisory_unlock(4711)");
    caller.join();
    EXPECT_EQ(version_of(*direct_, 1), before + 2);
    run("drop function hold() cascade");
  }
}

// An open transaction that nobody can end: the caller is not told more than is known.
TEST_F(PooledOutcome, OfACommitOnItsWayIsUnknown) {
  proxy_.set(Fault::kHoldCommit);
  CallOptions options;
  options.timeout_ms = 1'000;
  const auto result = append(*store_, batch_of(10, 2), options);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().outcome(), ES_OUTCOME_UNKNOWN) << result.error().message();
  EXPECT_NE(result.error().message().find("append the same events again"), std::string::npos);
  proxy_.release();
  const auto again = append(*store_, batch_of(10, 2));
  ASSERT_TRUE(again.ok()) << again.error().message();
  EXPECT_EQ(again.value().outcome.known, (std::vector<std::uint8_t>{1, 1}));
  expect_stored_once(10, again.value());
}

// A refusal is only told where what may still come would be refused as well.
TEST_F(PooledOutcome, OfARefusalIsToldWhereItIsForGood) {
  const std::int64_t before = version_of(*direct_, 1);
  proxy_.set(Fault::kHoldAll);
  const auto passed = append(*store_, batch_of(10, before - 1));
  ASSERT_FALSE(passed.ok());
  EXPECT_EQ(passed.error().code(), ES_VERSION_CONFLICT) << passed.error().message();
  EXPECT_EQ(passed.error().outcome(), ES_OUTCOME_NOT_APPLIED);
  proxy_.release();
  EXPECT_EQ(version_of(*direct_, 1), before);
  proxy_.set(Fault::kHoldAll);
  const auto ahead = append(*store_, batch_of(20, before + 2));
  ASSERT_FALSE(ahead.ok());
  EXPECT_EQ(ahead.error().outcome(), ES_OUTCOME_UNKNOWN) << ahead.error().message();
  ASSERT_TRUE(append(*direct_, batch_of(30, before)).ok());
  proxy_.release();
  EXPECT_EQ(version_of(*direct_, 1), before + 4) << "what was told to be unknown has been stored";
}

// Callers whose appends share a batch learn each what became of its own.
TEST_F(PooledOutcome, OfABatchIsToldToEach) {
  enum Case { kAny, kExact, kPassed, kAhead, kCases };
  constexpr int kCallers = 6;
  CallOptions options;
  options.timeout_ms = 60'000;
  std::uint64_t id = 1'000;
  for (const Fault fault : {Fault::kLoseAnswer, Fault::kLoseAll, Fault::kCutAtOnce, Fault::kHoldAll}) {
    SCOPED_TRACE(static_cast<int>(fault));
    const int faults = proxy_.faults();
    // While one is held the others gather.
    PostgresConnection holder(schema_.url());
    hold_inserts(holder, false);
    std::thread first([&] { EXPECT_TRUE(append(*store_, batch_of(id, ES_ANY, id), options).ok()); });
    await(of_this_role("wait_event = 'advisory'"), 1);
    std::vector<std::thread> callers;
    for (int caller = 0; caller < kCallers; ++caller) {
      callers.emplace_back([&, caller, of_this = id + 10 * static_cast<std::uint64_t>(caller + 1)] {
        const int how = caller % kCases;
        const std::int64_t expected = how == kAny ? std::int64_t{ES_ANY} : how == kAhead ? 5 : 0;
        const auto result = append(*store_, batch_of(of_this, expected, how == kPassed ? 1 : of_this), options);
        if (how == kAny || how == kExact) {
          ASSERT_TRUE(result.ok()) << result.error().message();
          expect_stored_once(of_this, result.value());
          return;
        }
        ASSERT_FALSE(result.ok());
        EXPECT_EQ(result.error().outcome(), how == kAhead ? ES_OUTCOME_UNKNOWN : ES_OUTCOME_NOT_APPLIED);
        EXPECT_EQ(result.error().code(), how == kAhead ? ES_UNAVAILABLE : ES_VERSION_CONFLICT)
            << result.error().message();
      });
    }
    while (store_->metrics().waiting_appends.value() < kCallers) std::this_thread::yield();
    proxy_.set(fault);
    holder.run("select pg_advisory_unlock(4711)");
    first.join();
    for (std::thread& caller : callers) caller.join();
    EXPECT_EQ(proxy_.faults(), faults + 1);
    proxy_.release();
    EXPECT_EQ(number("select count(*) from events where aggregate_id = '" +
                     format_uuid(stream_of(id + 10 * (kAhead + 1)).aggregate_id) + "'"),
              0);
    run("drop function hold() cascade");
    id += 1'000;
  }
  EXPECT_EQ(version_of(*direct_, 1), 2);
}

}  // namespace
}  // namespace postgres_test
