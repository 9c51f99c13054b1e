// Appending to a file: what the careful path, planted rows, locks and the clock do to it. The decision table itself is in
// the conformance vectors.
#include <algorithm>
#include <thread>

#include "eventsource/limits.h"
#include "eventsource/page.h"

#include "tests/backend/sqlite_fixture.hpp"

namespace eventsource::core::sqlite {
namespace {

class SqliteAppend : public ::testing::Test {
 protected:
  SqliteAppend() : path_(folder_.file()), store_(open_store(path_)) {}

  // A row of another writer.
  void plant(const std::string& version, const std::string& tenant = "NULL") {
    Sql3(path_).run(
        "INSERT INTO events (event_id, aggregate_id, aggregate_type, event_type, tenant_id, version, timestamp, "
        "created_at, "
        "payload) VALUES (randomblob(16), x'E5000000000000000000000000000001', 'Order', 'Placed', " +
        tenant + ", " + version + ", 0, 0, '{}')");
  }

  const TempFolder folder_;
  const std::string path_;
  std::unique_ptr<BlockingBackend> store_;
};

TEST_F(SqliteAppend, ARepeatedAppendHasItsFirstResultAndWritesNothing) {
  const std::vector<Event> events = {{.id = 1, .stream = 1}, {.id = 2, .stream = 2}, {.id = 3, .stream = 1}};
  for (const std::int64_t expected : {ES_NO_STREAM, ES_ANY, 7}) {
    const auto outcome = append(*store_, events, expected);
    ASSERT_TRUE(outcome.ok()) << outcome.error().message();
    EXPECT_EQ(outcome.value().positions, (std::vector<std::int64_t>{1, 2, 3}));
    EXPECT_EQ(outcome.value().versions, (std::vector<std::int64_t>{1, 1, 2}));
    EXPECT_EQ(outcome.value().known, std::vector<std::uint8_t>(3, expected == ES_NO_STREAM ? 0 : 1));
  }
  EXPECT_EQ(store_->count({}, call_of()).value(), 3);
}

TEST_F(SqliteAppend, ARefusedAppendLeavesNothing) {
  ASSERT_TRUE(append(*store_, {{.id = 1, .stream = 1}}).ok());
  // New events in front of one that is known elsewhere.
  const auto outcome = append(*store_, {{.id = 2, .stream = 2}, {.id = 3, .stream = 2}, {.id = 1, .stream = 2}});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), ES_DUPLICATE_EVENT);
  EXPECT_EQ(store_->count({}, call_of()).value(), 1);
  const auto next = append(*store_, {{.id = 4}});
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(next.value().positions, std::vector<std::int64_t>{2})
      << "the positions of a rolled-back append are not used";
}

TEST_F(SqliteAppend, KnownEventsAreSkippedAndTheRestIsStored) {
  ASSERT_TRUE(append(*store_, {{.id = 1}}).ok());
  const auto outcome = append(*store_, {{.id = 1}, {.id = 2}, {.id = 2}, {.id = 3}}, ES_ANY, true);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message();
  EXPECT_EQ(outcome.value().positions, (std::vector<std::int64_t>{1, 2, 2, 3}));
  EXPECT_EQ(outcome.value().versions, (std::vector<std::int64_t>{1, 2, 2, 3}));
  EXPECT_EQ(outcome.value().known, (std::vector<std::uint8_t>{1, 0, 1, 0}));
}

TEST_F(SqliteAppend, TheLastVersionIsTheLast) {
  plant("2147483646");
  const auto last = append(*store_, {{.id = 1}});
  ASSERT_TRUE(last.ok()) << last.error().message();
  EXPECT_EQ(last.value().versions, std::vector<std::int64_t>{ES_MAX_VERSION});
  EXPECT_NE(read_one_stream(*store_, {}).back().document.find("\"aggregate_version\":2147483647,"), std::string::npos);
  for (const std::int64_t expected : {std::int64_t{ES_ANY}, std::int64_t{ES_MAX_VERSION}}) {
    const auto beyond = append(*store_, {{.id = 2, .stream = 9}, {.id = 3}}, expected);
    ASSERT_FALSE(beyond.ok());
  }
  EXPECT_EQ(append(*store_, {{.id = 3}}).error().code(), ES_LIMIT_EXCEEDED);
  EXPECT_EQ(store_->count({}, call_of()).value(), 2);
}

TEST_F(SqliteAppend, ATenantThatIsNoUuidIsFlaggedAndKept) {
  plant("1", "x'0102'");
  const auto events = read_all(*store_);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].flags, ES_RECORD_FOREIGN_TENANT);
  EXPECT_EQ(events[0].presence & ES_HAS_TENANT, 0U);
  EXPECT_EQ(append(*store_, {{.id = 1}}).error().code(), ES_WRONG_TENANT);
  EXPECT_EQ(append(*store_, {{.id = 1, .tenant_id = id_of(5)}}).error().code(), ES_WRONG_TENANT);
}

TEST_F(SqliteAppend, AnEventLargerThanAPageIsDelivered) {
  const std::string members = "\"a\":\"" + std::string(6'000'000, 'x') + "\"";
  ASSERT_TRUE(append(*store_, {{.id = 1, .members = members}, {.id = 2}}).ok());
  const auto events = read_all(*store_);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_TRUE(events[0].document.ends_with(members + "}"));
}

TEST_F(SqliteAppend, TenThousandEventsAreOneTransaction) {
  std::vector<Event> events;
  for (std::uint64_t i = 1; i <= 10'000; ++i) events.push_back({.id = i, .stream = i % 70});
  const auto outcome = append(*store_, events);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message();
  for (std::size_t i = 0; i < events.size(); ++i) ASSERT_EQ(outcome.value().positions[i], std::int64_t(i) + 1);
  EXPECT_EQ(read_all(*store_, 999).size(), 10'000U);
  const auto again = append(*store_, events, ES_NO_STREAM);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again.value().positions, outcome.value().positions);
}

// An index that lost an entry: the look-up does not find what the key then refuses.
TEST_F(SqliteAppend, ADamagedIndexIsReportedNotLooped) {
  ASSERT_TRUE(append(*store_, {{.id = 1, .stream = 1}}).ok());
  store_.reset();
  {
    Sql3 sql(path_);
    sql.run("CREATE UNIQUE INDEX trap ON events (event_type)");
  }
  store_ = open_store(path_);
  const auto outcome = append(*store_, {{.id = 2, .stream = 2}});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), ES_CORRUPT_STORE);
  EXPECT_EQ(store_->count({}, call_of()).value(), 1);
}

class SqliteWaiting : public SqliteAppend {
 protected:
  Call call(std::int64_t timeout_ms, std::shared_ptr<CancelFlag> cancel = nullptr) {
    return Call(time_, {.timeout_ms = timeout_ms, .token = "", .cancel = std::move(cancel)}, 0);
  }

  TestTime time_;
};

TEST_F(SqliteWaiting, AnAppendWaitsForAnotherWriterWithJitter) {
  Sql3 other(path_);
  other.run("BEGIN IMMEDIATE");
  time_.during_pause = [&] {
    if (time_.pauses.size() == 40) other.run("COMMIT");
  };
  const Batch batch(std::vector<Event>{{.id = 1}});
  const auto outcome = store_->append(batch.prepared(), call(1'000));
  ASSERT_TRUE(outcome.ok()) << outcome.error().message();
  ASSERT_EQ(time_.pauses.size(), 41U) << "40 before it, one after its commit";
  const auto [least, most] = std::minmax_element(time_.pauses.begin(), time_.pauses.end());
  EXPECT_GE(*least, 200);
  EXPECT_LE(*most, 2'000);
  EXPECT_GT(*most - *least, 500) << "everybody would come at the same time";
}

TEST_F(SqliteWaiting, ALongWaitIsToldAndEachIsCounted) {
  const auto log = Log::create(LogLevel::kWarning, 8).value();
  const auto telemetry = std::make_shared<Telemetry>(log, system_environment());
  store_ = open_store(path_, {.telemetry = telemetry});
  Sql3 other(path_);
  for (const int seconds : {0, 3}) {
    SCOPED_TRACE(seconds);
    other.run("BEGIN IMMEDIATE");
    std::int64_t waited = 0;
    time_.pauses.clear();
    time_.during_pause = [&] {
      waited += time_.pauses.back();
      if (waited > 0 && waited >= seconds * 1'000'000 && sqlite3_get_autocommit(other.handle()) == 0)
        other.run("COMMIT");
    };
    const Batch batch(std::vector<Event>{{.id = static_cast<std::uint64_t>(seconds) + 1}});
    ASSERT_TRUE(store_->append(batch.prepared(), call(10'000)).ok());
    const auto record = log->take();
    ASSERT_EQ(record != nullptr, seconds == 3);
    if (record == nullptr) continue;
    EXPECT_STREQ(record->logger, "sqlite");
    EXPECT_EQ(record->message, "waited for another process");
    EXPECT_EQ(record->fields.at(0).value, path_);
    EXPECT_GE(std::stoll(record->fields.at(1).value), 3'000);
  }
  EXPECT_EQ(telemetry->metrics.lock_waits.value(), 2);
}

TEST_F(SqliteWaiting, AnAppendThatMayNotWaitLongerIsBusy) {
  Sql3 other(path_);
  other.run("BEGIN IMMEDIATE");
  const Batch batch(std::vector<Event>{{.id = 1}});
  for (const std::int64_t timeout_ms : {0, 50}) {
    time_.pauses.clear();
    const auto outcome = store_->append(batch.prepared(), call(timeout_ms));
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().code(), ES_BUSY);
    EXPECT_TRUE(outcome.error().is_retryable());
    EXPECT_EQ(outcome.error().outcome(), ES_OUTCOME_NOT_APPLIED);
    std::int64_t waited = 0;
    for (const std::int64_t pause : time_.pauses) waited += pause;
    EXPECT_EQ(waited, timeout_ms * 1'000);
  }
  other.run("COMMIT");
  EXPECT_TRUE(store_->append(batch.prepared(), call(0)).ok());
}

TEST_F(SqliteWaiting, ACancelledAppendStopsWaiting) {
  Sql3 other(path_);
  other.run("BEGIN IMMEDIATE");
  const auto cancel = std::make_shared<CancelFlag>();
  time_.during_pause = [&] {
    if (time_.pauses.size() == 3) cancel->raise();
  };
  const Batch batch(std::vector<Event>{{.id = 1}});
  const auto outcome = store_->append(batch.prepared(), call(-1, cancel));
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), ES_CANCELLED);
  EXPECT_EQ(time_.pauses.size(), 3U);
}

TEST_F(SqliteWaiting, AfterItMetOthersAnAppendLetsThemPass) {
  std::uint64_t id = 1;
  const auto append_one = [&] {
    const Batch batch(std::vector<Event>{{.id = id++}});
    EXPECT_TRUE(store_->append(batch.prepared(), call(1'000)).ok());
  };
  append_one();
  EXPECT_TRUE(time_.pauses.empty()) << "nobody was met";

  Sql3 other(path_);
  other.run("BEGIN IMMEDIATE");
  time_.during_pause = [&] {
    if (time_.pauses.size() == 1) return other.run("COMMIT");
    if (time_.pauses.size() > 2) return;
    // After the commit: nobody is held up, in this process or another.
    EXPECT_EQ(other.number("SELECT count(*) FROM events"), 2);
    other.run("BEGIN IMMEDIATE; COMMIT");
    const Batch batch(std::vector<Event>{{.id = 1'000}});
    EXPECT_TRUE(store_->append(batch.prepared(), call(0)).ok());
  };
  append_one();
  EXPECT_EQ(time_.pauses.size(), 2U);
  append_one();
  EXPECT_EQ(time_.pauses.size(), 3U) << "they were met lately";
  for (int i = 0; i < 100; ++i) append_one();
  EXPECT_LT(time_.pauses.size(), 50U) << "they have gone";
}

TEST_F(SqliteWaiting, AReadDoesNotWaitForAWriter) {
  ASSERT_TRUE(append(*store_, {{.id = 1}}).ok());
  Sql3 other(path_);
  other.run("BEGIN IMMEDIATE");
  other.run("DELETE FROM events");
  PageBuilder page({10, 100'000, ES_CONTENT_COLUMNS});
  ASSERT_TRUE(store_->read_log({}, call(0), page).ok());
  EXPECT_EQ(page.count(), 1U);
  EXPECT_EQ(store_->count({}, call(0)).value(), 1);
  EXPECT_TRUE(time_.pauses.empty());
}

TEST_F(SqliteWaiting, ALongScanStopsWhenItsTimeIsUp) {
  std::vector<Event> events;
  for (std::uint64_t i = 1; i <= 10'000; ++i) events.push_back({.id = i, .stream = i % 10});
  ASSERT_TRUE(append(*store_, events).ok());
  Filter filter;
  filter.event_types = {"Other"};
  ASSERT_EQ(store_->count(filter, call_of()).value(), 0);
  time_.tick_us = 1'000;
  EXPECT_EQ(store_->count(filter, call(20)).error().code(), ES_TIMEOUT);
  EXPECT_EQ(store_->count({}, call(20)).ok() ? ES_OK : ES_TIMEOUT, ES_OK) << "a count of everything is short";
  EXPECT_EQ(store_->inspect(call(20)).error().code(), ES_TIMEOUT);
  PageBuilder page({10'000, std::size_t{1} << 26, ES_CONTENT_DOCUMENT});
  EXPECT_EQ(store_->read_log({.after = {}, .filter = filter}, call(20), page).error().code(), ES_TIMEOUT);
  // The connection is as good as new.
  EXPECT_EQ(store_->count(filter, call_of()).value(), 0);
}

TEST_F(SqliteWaiting, ALongAppendStopsWhenItsTimeIsUp) {
  std::vector<Event> events;
  for (std::uint64_t i = 1; i <= 5'000; ++i) events.push_back({.id = i});
  time_.tick_us = 1'000;
  const Batch batch(events);
  const auto outcome = store_->append(batch.prepared(), call(30));
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), ES_TIMEOUT);
  EXPECT_EQ(store_->count({}, call_of()).value(), 0);
}

// Threads of one process take turns; each append is its own transaction.
TEST_F(SqliteAppend, ThreadsTakeTurns) {
  constexpr std::uint64_t kThreads = 8;
  constexpr std::uint64_t kAppends = 25;
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < kAppends; ++i) {
        const auto outcome = append(*store_, {{.id = t * 1'000 + i + 1}});
        EXPECT_TRUE(outcome.ok()) << outcome.error().message();
        EXPECT_TRUE(store_->stream_version({"Order", id_of(1)}, call_of()).value() >= outcome.value().versions[0]);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto events = read_one_stream(*store_, {});
  ASSERT_EQ(events.size(), kThreads * kAppends);
  for (std::size_t i = 0; i < events.size(); ++i) EXPECT_EQ(events[i].version, std::int64_t(i) + 1);
}

TEST_F(SqliteAppend, AThreadThatWaitsForItsTurnCanBeCancelled) {
  Sql3 other(path_);
  other.run("BEGIN IMMEDIATE");
  const auto cancel = std::make_shared<CancelFlag>();
  const auto wait = [&](std::uint64_t id) {
    const Batch batch(std::vector<Event>{{.id = id}});
    return store_->append(batch.prepared(),
                          Call(system_environment(), {.timeout_ms = -1, .token = "", .cancel = cancel}, 0));
  };
  std::vector<std::thread> threads;
  for (std::uint64_t id = 1; id <= 4; ++id) {
    threads.emplace_back([&, id] {
      const auto outcome = wait(id);
      ASSERT_FALSE(outcome.ok());
      EXPECT_EQ(outcome.error().code(), ES_CANCELLED);
    });
  }
  cancel->raise();
  for (std::thread& thread : threads) thread.join();
  other.run("COMMIT");
  EXPECT_TRUE(append(*store_, {{.id = 5}}).ok());
}

}  // namespace
}  // namespace eventsource::core::sqlite
