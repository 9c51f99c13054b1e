// Processes that append to the same streams at the same moment: one winner a version, and everybody is told the truth.
#include "tests/postgres/race.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>

#include "tests/postgres/guide_role.hpp"
#include "tests/support/postgres_connection.hpp"
#include "tests/support/postgres_place.hpp"

namespace postgres_test {
namespace {

using test_support::PostgresConnection;
using test_support::PostgresSchema;
using Logs = std::vector<std::vector<std::string>>;

void expect_sound(const std::string& url, const Logs& logs) {
  for (const std::string& defect : defects(url, "events", logs)) ADD_FAILURE() << defect;
}

std::int64_t count(const std::string& url, const std::string& what = "*") {
  return PostgresConnection(url).number("select count(" + what + ") from events");
}

std::int64_t lines_with(const Logs& logs, const std::string& start) {
  std::int64_t count = 0;
  for (const auto& log : logs)
    count += std::ranges::count_if(log, [&](const auto& line) { return line.starts_with(start); });
  return count;
}

// An event id of one thread's n-th try.
Uuid racer_id(int process, int thread, int n) {
  return uuid_of(static_cast<std::uint64_t>(process * 100 + thread + 1), static_cast<std::uint64_t>(n + 1));
}

void say_lost(const Log& log, const Error& error, std::int64_t read) {
  if (error.code() != ES_VERSION_CONFLICT) return log.complain(error.message());
  if (error.outcome() != ES_OUTCOME_NOT_APPLIED) log.complain("a conflict without an outcome");
  if (detail(error, "expected_version") != std::to_string(read)) log.complain("another expected version");
  // The winner's event is there by then.
  if (std::atoll(detail(error, "actual_version").c_str()) <= read) log.complain("lost to nobody: " + error.message());
  log.say("lost");
}

TEST(Race, OfExactVersionsHasOneWinnerEach) {
  const PostgresSchema schema;
  open_store(schema.url());
  constexpr int kProcesses = 4;
  constexpr int kThreads = 8;
  const int tries = rounds(12);
  Barrier start(kProcesses * kThreads);
  const Logs logs = run_processes(kProcesses, [&](int process, const Log& log) {
    const auto store = open_store(schema.url());
    run_threads(kThreads, [&](int thread) {
      start.wait();
      for (int n = 0; n < tries; ++n) {
        const std::int64_t read = version_of(*store, 1);
        const Batch batch{.events = {{1, racer_id(process, thread, n)}}, .expected = read};
        const auto result = append(*store, batch);
        if (!result.ok()) {
          say_lost(log, result.error(), read);
        } else if (result.value().outcome.versions[0] != read + 1) {
          log.complain("won another version");
        } else {
          log.acknowledge(batch, result.value());
        }
      }
    });
  });
  expect_sound(schema.url(), logs);
  EXPECT_EQ(lines_with(logs, "told "), count(schema.url()));
  EXPECT_EQ(lines_with(logs, "told ") + lines_with(logs, "lost"), kProcesses * kThreads * tries);
  EXPECT_GT(lines_with(logs, "lost"), 0) << "there was no race";
}

TEST(Race, OfAnyAndStreamExistsIsWonByAll) {
  for (const std::int64_t expected : {ES_ANY, ES_STREAM_EXISTS}) {
    const PostgresSchema schema;
    ASSERT_TRUE(append(*open_store(schema.url()), {.events = {{1, uuid_of(99, 1)}}}).ok());
    constexpr int kProcesses = 4;
    constexpr int kThreads = 4;
    const int tries = rounds(10);
    Barrier start(kProcesses * kThreads);
    Logs logs = run_processes(kProcesses, [&](int process, const Log& log) {
      const auto store = open_store(schema.url());
      run_threads(kThreads, [&](int thread) {
        start.wait();
        for (int n = 0; n < tries; ++n) {
          const Batch batch{
              .events = {{1, racer_id(process, thread, 2 * n)}, {1, racer_id(process, thread, 2 * n + 1)}},
              .expected = expected};
          const auto result = append(*store, batch);
          if (!result.ok()) {
            log.complain(result.error().message());
          } else {
            log.acknowledge(batch, result.value());
          }
        }
      });
    });
    EXPECT_EQ(lines_with(logs, "told "), kProcesses * kThreads * tries * 2);
    logs.push_back({"told " + format_uuid(uuid_of(99, 1)) + " 1 1"});
    expect_sound(schema.url(), logs);
    EXPECT_EQ(count(schema.url()), kProcesses * kThreads * tries * 2 + 1);
  }
}

// The n-th of the batches that two processes send at the same moment.
Batch twin_batch(int n, std::int64_t version) {
  const auto number = static_cast<std::uint64_t>(n);
  const auto id = [&](std::uint64_t which) { return uuid_of(7, number * 10 + which); };
  const std::uint64_t fresh = 1'000 + number * 2;
  switch (n % 4) {
    case 0:
      return {.events = {{1, id(0)}, {1, id(1)}}, .expected = version};
    case 1:
      return {.events = {{fresh, id(0)}, {fresh, id(1)}}, .expected = ES_NO_STREAM};
    case 2:
      return {.events = {{1, id(0)}, {1, id(1)}}, .expected = ES_ANY};
    default:
      return {.events = {{fresh, id(0)}, {1, id(1)}, {fresh + 1, id(2)}, {1, id(3)}, {fresh, id(4)}},
              .expected = ES_ANY,
              .exact = {{1, version}, {fresh, ES_NO_STREAM}},
              .skips = n % 8 == 7};
  }
}

TEST(Race, OfOneBatchWithItselfStoresItOnce) {
  const PostgresSchema schema;
  open_store(schema.url());
  const int batches = rounds(60);
  Barrier together(2);
  const Logs logs = run_processes(2, [&](int, const Log& log) {
    const auto store = open_store(schema.url());
    for (int n = 0; n < batches; ++n) {
      const Batch batch = twin_batch(n, version_of(*store, 1));
      together.wait();
      const auto result = append(*store, batch);
      if (!result.ok()) {
        log.complain("batch " + std::to_string(n) + ": " + result.error().message());
      } else {
        log.acknowledge(batch, result.value());
      }
      together.wait();
    }
  });
  expect_sound(schema.url(), logs);
  // Each event was stored by one of the two, and was known to the other.
  std::int64_t stored = 0;
  for (const auto& log : logs)
    stored += std::ranges::count_if(log, [](const auto& line) { return number_in(line, "known") == 0; });
  EXPECT_EQ(stored, count(schema.url()));
  EXPECT_EQ(lines_with(logs, "told "), 2 * count(schema.url()));
}

TEST(Race, OfTenantsForANewStreamHasOneWinner) {
  const PostgresSchema schema;
  open_store(schema.url());
  const int streams = rounds(60);
  Barrier together(2);
  const Logs logs = run_processes(2, [&](int process, const Log& log) {
    const auto store = open_store(schema.url());
    const auto tenant = static_cast<std::uint64_t>(process);
    for (int n = 0; n < streams; ++n) {
      const auto number = static_cast<std::uint64_t>(n);
      // Of three kinds of tenants: this one, that one, and none at all.
      const std::optional<Uuid> tenant_id =
          process == 1 && n % 3 == 0 ? std::nullopt : std::optional(uuid_of(5, tenant + 1));
      const Batch batch{.events = {{number + 1, uuid_of(10 + tenant, number * 2), tenant_id},
                                   {number + 1, uuid_of(10 + tenant, number * 2 + 1), tenant_id}},
                        .expected = n % 2 == 0 ? ES_ANY : ES_NO_STREAM};
      together.wait();
      const auto result = append(*store, batch);
      if (result.ok()) {
        log.acknowledge(batch, result.value());
      } else if (result.error().code() != (n % 2 == 0 ? ES_WRONG_TENANT : ES_VERSION_CONFLICT)) {
        log.complain(result.error().message());
      } else {
        log.say("lost");
      }
    }
  });
  expect_sound(schema.url(), logs);
  EXPECT_EQ(count(schema.url()), 2 * streams);
  EXPECT_EQ(lines_with(logs, "lost"), streams);
  EXPECT_EQ(PostgresConnection(schema.url())
                .number("select count(*) from (select from events group by aggregate_id "
                        "having count(distinct coalesce(tenant_id::text, 'none')) > 1) s"),
            0);
}

// All of it, or nothing, and no deadlock that a caller sees.
void race_in_opposite_orders(const std::string& url, int tries) {
  constexpr int kProcesses = 2;
  constexpr int kThreads = 3;
  Barrier start(kProcesses * kThreads);
  const Logs logs = run_processes(kProcesses, [&](int process, const Log& log) {
    const auto store = open_store(url);
    run_threads(kThreads, [&](int thread) {
      start.wait();
      for (int n = 0; n < tries; ++n) {
        Batch batch;
        for (int i = 0; i < 4; ++i) {
          const int stream = process == 0 ? i : 3 - i;
          batch.events.push_back({static_cast<std::uint64_t>(stream + 1), racer_id(process, thread, 4 * n + i)});
        }
        const auto result = append(*store, batch);
        if (!result.ok()) {
          log.complain(result.error().message());
        } else {
          log.acknowledge(batch, result.value());
        }
      }
    });
  });
  expect_sound(url, logs);
  EXPECT_EQ(lines_with(logs, "told "), kProcesses * kThreads * tries * 4);
  EXPECT_EQ(PostgresConnection(url).number("select count(distinct n) * 1000000 + max(n) from (select count(*) as n "
                                           "from events group by aggregate_id) s"),
            1'000'000 + kProcesses * kThreads * tries);
}

TEST(Race, OfStreamsInOppositeOrdersIsWonByAll) {
  const PostgresSchema schema;
  open_store(schema.url());
  race_in_opposite_orders(schema.url(), rounds(10));
}

// Rows go in as the caller has them then, since they take their positions on the way: the server finds deadlocks.
TEST(Race, OfStreamsInOppositeOrdersIsWonWithoutDrawing) {
  const PostgresSchema schema;
  open_store(schema.url());
  PostgresConnection(schema.url()).run("drop table eventsource_schema");
  const GuideRole role(schema);
  race_in_opposite_orders(role.url(), rounds(1));
}

}  // namespace
}  // namespace postgres_test
