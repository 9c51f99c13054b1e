// Clients that are killed while they append, and run again with the same ids: nothing is lost, nothing doubled.
#include <csignal>
#include <gtest/gtest.h>
#include <random>
#include <sched.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/postgres/race.hpp"
#include "tests/support/postgres_connection.hpp"
#include "tests/support/postgres_place.hpp"

namespace postgres_test {
namespace {

using test_support::PostgresConnection;
using test_support::PostgresDatabase;
using test_support::PostgresSchema;

constexpr std::uint64_t kStreams = 5;
constexpr std::uint64_t kBatches = 60;
constexpr std::size_t kEvents = 3;

// In turn: any version, the exact one, and two streams at once. Each batch gives its own stream two events and the one
// after it one, so that versions can be told beforehand.
Batch batch_at(std::uint64_t n) {
  const std::uint64_t own = n % kStreams + 1;
  const std::uint64_t next = (n + 1) % kStreams + 1;
  Batch batch{.events = {{own, uuid_of(3, 10 * n + 1)}, {next, uuid_of(3, 10 * n + 2)}, {own, uuid_of(3, 10 * n + 3)}}};
  if (n % 2 == 0) {
    // Two events for each batch of this stream before, one for each of the stream's forerunner.
    const auto count = [n](std::uint64_t stream) {
      std::int64_t events = 0;
      for (std::uint64_t i = 0; i < n; ++i) {
        events += (i % kStreams + 1 == stream ? 2 : 0) + ((i + 1) % kStreams + 1 == stream ? 1 : 0);
      }
      return events;
    };
    batch.exact = {{own, count(own)}, {next, count(next)}};
  }
  return batch;
}

void append_one(Store& store, std::uint64_t n, const Log& log) {
  const Batch batch = batch_at(n);
  const auto result = append(store, batch);
  if (!result.ok()) return log.complain(result.error().message());
  log.acknowledge(batch, result.value());
}

void append_all(const std::string& url, const Log& log, std::uint64_t batches = kBatches) {
  const auto store = open_store(url);
  for (std::uint64_t n = 0; n < batches; ++n) append_one(*store, n, log);
}

bool has_ended(pid_t child) {
  siginfo_t state{};
  return waitid(P_PID, static_cast<id_t>(child), &state, WEXITED | WNOHANG | WNOWAIT) != 0 || state.si_pid != 0;
}

// Until a process has acknowledged so many events, or has ended.
void wait_for(std::size_t told, const Log& log, pid_t child) {
  while (log.lines().size() < told && !has_ended(child)) sched_yield();
}

TEST(Kill, OfAClientLosesAndDoublesNothing) {
  std::mt19937_64 random(20'130'204);
  for (int moment = 0; moment < rounds(10); ++moment) {
    const PostgresSchema schema;
    open_store(schema.url());
    const Log log;
    const std::size_t told = random() % (kBatches * kEvents * 3 / 4);
    // It never gets to the end, however late it is killed.
    const std::uint64_t batches = told / kEvents + kBatches / 5;
    const Work work = [&](int, const Log& own) {
      append_all(schema.url(), own, batches);
      pause();
    };
    const pid_t child = start_process(0, work, log);
    wait_for(told, log, child);
    // Somewhere in the append after it.
    for (std::uint64_t pause = random() % 200; pause > 0; --pause) sched_yield();
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    ASSERT_LT(log.lines().size(), kBatches * kEvents);
    std::vector<std::vector<std::string>> logs =
        run_processes(1, [&](int, const Log& own) { append_all(schema.url(), own); });
    logs.push_back(log.lines());
    for (const std::string& defect : defects(schema.url(), "events", logs)) ADD_FAILURE() << defect;
    EXPECT_EQ(PostgresConnection(schema.url()).number("select count(*) from events"), kBatches * kEvents);
  }
}

// The same for the server's process, by the one who is in charge of it; the client goes on by itself.
TEST(Kill, OfABackendIsSeenByNobody) {
  constexpr std::uint64_t kBetween = 6;
  std::mt19937_64 random(20'130'204);
  const PostgresDatabase database;
  open_store(database.url());
  Barrier together(2);
  const Log log;
  const Work work = [&](int, const Log& own) {
    const auto store = open_store(database.url());
    for (std::uint64_t n = 0; n < kBatches; ++n) {
      if (n % kBetween == 0) together.wait();
      append_one(*store, n, own);
    }
    together.wait();
  };
  const pid_t child = start_process(0, work, log);
  PostgresConnection superuser(database.url());
  std::int64_t ended = 0;
  for (std::uint64_t n = 0; n < kBatches; n += kBetween) {
    together.wait();
    for (std::uint64_t pause = random() % 100; pause > 0; --pause) sched_yield();
    ended += superuser.number(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity where pid <> "
        "pg_backend_pid() and datname = current_database()");
  }
  together.wait();
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  // Now and then the client is between two connections: the process before has just followed its order to end.
  EXPECT_GE(ended, static_cast<std::int64_t>(kBatches / kBetween / 2));
  for (const std::string& line : log.lines()) EXPECT_FALSE(line.starts_with("! ")) << line;
  for (const std::string& defect : defects(database.url(), "events", {log.lines()})) ADD_FAILURE() << defect;
  EXPECT_EQ(PostgresConnection(database.url()).number("select count(*) from events"), kBatches * kEvents);
}

}  // namespace
}  // namespace postgres_test
