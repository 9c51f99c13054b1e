// Six processes that write sixty streams in every way there is and send a third of their batches twice: in the end the
// table holds what each of them was told. On every kind of table, and as a role that may do no more than it must.
#include <algorithm>
#include <gtest/gtest.h>
#include <random>
#include <string>

#include "tests/postgres/guide_role.hpp"
#include "tests/postgres/python_tables.hpp"
#include "tests/postgres/race.hpp"
#include "tests/support/postgres_connection.hpp"
#include "tests/support/postgres_place.hpp"

namespace postgres_test {
namespace {

using test_support::PostgresConnection;
using test_support::PostgresSchema;
using Logs = std::vector<std::vector<std::string>>;

constexpr int kProcesses = 6;
constexpr std::uint64_t kStreams = 60;

std::uint64_t seed() {
  const char* const given = std::getenv("EVENTSOURCE_SEED");
  return given == nullptr ? 20'130'204 : std::strtoull(given, nullptr, 10);
}

enum class Kind { kAny, kExact, kExists };

// A process's n-th batch, the same whoever sends it.
struct Plan {
  Batch batch;
  Kind kind = Kind::kAny;
};

bool overlaps(int process, int n) {
  return n > 0 && (process * 31 + n * 17) % 11 == 0;
}

Plan plan_of(int process, int n) {
  std::seed_seq seeds{seed(), static_cast<std::uint64_t>(process), static_cast<std::uint64_t>(n)};
  std::mt19937_64 random(seeds);
  const auto below = [&random](std::uint64_t end) { return random() % end; };
  Plan plan;
  plan.kind = static_cast<Kind>(below(3));
  const std::uint64_t streams = below(3) == 0 ? 1 + below(4) : 1;
  std::vector<std::uint64_t> chosen;
  for (std::uint64_t i = 0; i < streams; ++i) chosen.push_back(1 + below(kStreams));
  const std::uint64_t events = streams + below(4);
  for (std::uint64_t i = 0; i < events; ++i) {
    plan.batch.events.push_back(
        {chosen[i < streams ? i : below(streams)],
         uuid_of(static_cast<std::uint64_t>(process) + 1, static_cast<std::uint64_t>(n) * 100 + i + 1)});
  }
  plan.batch.skips = below(5) == 0;
  if (overlaps(process, n)) {
    // An event of the batch before comes again.
    plan.batch.events.push_back(plan_of(process, n - 1).batch.events.front());
    plan.batch.skips = true;
  }
  return plan;
}

// May be refused as known in part: another batch has one of its events.
bool may_be_known_in_part(int process, int n, const Plan& plan) {
  return overlaps(process, n + 1) && !plan.batch.skips;
}

class Writer {
 public:
  Writer(const std::string& url, int process, const Log& log) : store_(open_store(url)), process_(process), log_(log) {}

  void run(int batches) {
    std::mt19937_64 random(seed() + static_cast<std::uint64_t>(process_));
    for (int n = 0; n < batches; ++n) {
      send(process_, n);
      if (random() % 10 >= 3) continue;
      // What it sent before, or what another process sends at about this moment.
      const bool own = random() % 2 == 0;
      const int whose = own ? process_ : static_cast<int>(random() % kProcesses);
      const int back = static_cast<int>(random() % (own ? 20 : 3));
      send(whose, std::max(0, n - back));
    }
  }

 private:
  void send(int process, int n) {
    Plan plan = plan_of(process, n);
    // Who expects a version and loses reads again.
    for (int tries = 0; tries < 3; ++tries) {
      expect(plan);
      const auto result = append(*store_, plan.batch);
      if (result.ok()) return log_.acknowledge(plan.batch, result.value());
      if (!is_right(process, n, plan, result.error())) {
        return log_.complain("batch " + std::to_string(n) + " of " + std::to_string(process) + ": " +
                             result.error().message());
      }
      log_.say("refused");
    }
  }

  void expect(Plan& plan) const {
    plan.batch.expected = plan.kind == Kind::kExists ? ES_STREAM_EXISTS : ES_ANY;
    if (plan.kind != Kind::kExact) return;
    for (const BatchEvent& event : plan.batch.events) {
      plan.batch.exact[event.stream] = version_of(*store_, event.stream);
    }
  }

  static bool is_right(int process, int n, const Plan& plan, const Error& error) {
    if (error.outcome() != ES_OUTCOME_NOT_APPLIED) return false;
    if (error.code() == ES_VERSION_CONFLICT) return plan.kind != Kind::kAny;
    return error.code() == ES_DUPLICATE_EVENT && may_be_known_in_part(process, n, plan);
  }

  std::shared_ptr<Store> store_;
  int process_;
  const Log& log_;
};

void write_hot_streams(const std::string& url, const std::string& owner) {
  const int batches = rounds(100);
  Barrier start(kProcesses);
  const Logs logs = run_processes(kProcesses, [&](int process, const Log& log) {
    Writer writer(url, process, log);
    start.wait();
    writer.run(batches);
  });
  for (const std::string& defect : defects(owner, "events", logs)) ADD_FAILURE() << "seed " << seed() << ": " << defect;
  std::int64_t known = 0;
  std::int64_t fresh = 0;
  for (const auto& log : logs) {
    for (const std::string& line : log) {
      known += number_in(line, "known") == 1;
      fresh += number_in(line, "known") == 0;
    }
  }
  EXPECT_EQ(fresh, PostgresConnection(owner).number("select count(*) from events"));
  EXPECT_GT(fresh, kProcesses * batches);
  EXPECT_GT(known, kProcesses * batches / 5);
}

TEST(HotStreams, OfOwnTables) {
  const PostgresSchema schema;
  open_store(schema.url());
  write_hot_streams(schema.url(), schema.url());
}

TEST(HotStreams, AsARoleThatMayNotDraw) {
  const PostgresSchema schema;
  open_store(schema.url());
  // The guide has no such table, and so no grant for it.
  PostgresConnection(schema.url()).run("drop table eventsource_schema");
  const GuideRole role(schema);
  write_hot_streams(role.url(), schema.url());
}

TEST(HotStreams, OfAJsonbColumn) {
  const PostgresSchema schema;
  open_store(schema.url());
  PostgresConnection(schema.url()).run("alter table events alter column payload type jsonb using payload::jsonb");
  write_hot_streams(schema.url(), schema.url());
}

TEST(HotStreams, OfTheTablesOfEventsourcePy) {
  const PostgresSchema schema(python_tables());
  write_hot_streams(schema.url(), schema.url());
}

// What most programs do: look, then insert, on a table without the unique keys.
void write_naively(const std::string& url, int process, const Log& log, int appends) {
  PostgresConnection connection(url);
  for (int n = 0; n < appends; ++n) {
    // Two processes share their ids, so that half of all comes twice.
    const std::string id = format_uuid(uuid_of(static_cast<std::uint64_t>(process / 2), static_cast<std::uint64_t>(n)));
    const std::string stream = format_uuid(uuid_of(1, static_cast<std::uint64_t>(n % 3)));
    if (connection.number("select count(*) from naive where event_id = '" + id + "'") > 0) continue;
    const std::string version =
        connection.run("select coalesce(max(version), 0) + 1 from naive where aggregate_id = '" + stream + "'");
    const std::string position = connection.run(
        "insert into naive (event_id, aggregate_id, aggregate_type, event_type, version, timestamp, payload) values "
        "('" +
        id + "', '" + stream + "', 'Account', 'Raced', " + version + ", now(), '{\"aggregate_version\": " + version +
        "}') returning global_position");
    log.say("told " + id + " " + version + " " + position);
  }
}

TEST(HotStreams, OfWhoLooksAndInsertsAreFoundWanting) {
  const PostgresSchema schema(python_tables());
  PostgresConnection(schema.url()).run("create table naive (like events including defaults)");
  Barrier start(kProcesses);
  const Logs logs = run_processes(kProcesses, [&](int process, const Log& log) {
    start.wait();
    write_naively(schema.url(), process, log, 200);
  });
  const std::vector<std::string> found = defects(schema.url(), "naive", logs);
  const auto has = [&found](const std::string& text) {
    return std::ranges::any_of(found,
                               [&](const std::string& defect) { return defect.find(text) != std::string::npos; });
  };
  EXPECT_TRUE(has("double: two of version"));
  EXPECT_TRUE(has("is there twice"));
  EXPECT_TRUE(has("wrong acknowledgement"));
}

}  // namespace
}  // namespace postgres_test
