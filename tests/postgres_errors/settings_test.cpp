// Defaults of a database or a role that would change what the engine promises: it has its own.
#include <chrono>
#include <future>
#include <thread>

#include "tests/postgres_errors/trouble.hpp"

namespace eventsource::test {
namespace {

class Settings : public StoreTest {
 protected:
  // The tables, for a role with these defaults.
  std::string url_with(const std::string& setting) {
    make_tables();
    std::string url = role_url();
    sql().run("grant select, insert on events, eventsource_schema to " + role() +
              "; grant select, insert, update, delete on snapshots to " + role() + "; alter role " + role() + " set " +
              setting);
    return url;
  }
  // Keeps what each insert's transaction has.
  void record(const std::string& setting) {
    sql().run(
        "create table seen (value text); grant insert on seen to public; "
        "create function look() returns trigger language plpgsql as $$begin insert into " +
        name() + ".seen values (current_setting('" + setting +
        "')); return new; end$$; create trigger look before insert on events for each row execute function look()");
  }
};

class Isolation : public Settings, public testing::WithParamInterface<const char*> {};

TEST_P(Isolation, OfTheRoleIsNotTaken) {
  const std::string url = url_with("default_transaction_isolation = '" + std::string(GetParam()) + "'");
  record("transaction_isolation");
  const Store store = Store::open(url).value();
  ASSERT_TRUE(append_one(store, 1).ok());
  EXPECT_EQ(sql().run("select string_agg(distinct value, ',') from seen"), "read committed");
  // Several writers of one stream: in a snapshot of their own they would fail with 40001.
  std::vector<std::future<bool>> writers;
  for (std::uint32_t writer = 0; writer < 4; ++writer) {
    writers.push_back(std::async(std::launch::async, [&store, writer] {
      bool all = true;
      for (std::uint32_t n = 0; n < 20; ++n) {
        all = append_many(store, 100 + writer * 20 + n, 100 + writer * 20 + n, 1).ok() && all;
      }
      return all;
    }));
  }
  for (auto& writer : writers) EXPECT_TRUE(writer.get());
  EXPECT_EQ(stored(), 81);
  EXPECT_EQ(store.stream_version("Thing", numbered(1'000'000)).value(), 80);
}

INSTANTIATE_TEST_SUITE_P(Is, Isolation, testing::Values("repeatable read", "serializable"), [](const auto& level) {
  return level.param[0] == 's' ? std::string("Serializable") : std::string("RepeatableRead");
});

// A read makes two statements: how far the log goes, and its rows. In READ COMMITTED the second sees rows that the first knows
// nothing of, and a token would be behind what its page shows.
TEST_F(Settings, AReadLooksAtOneSnapshot) {
  const Store store = Store::open(url_with("default_transaction_isolation = 'read committed'")).value();
  ASSERT_TRUE(append_one(store, 1).ok());
  constexpr int kReads = 500;
  int reads = 0;
  std::jthread writer([&store](const std::stop_token& stop) {
    for (std::uint32_t n = 2; !stop.stop_requested(); ++n) ASSERT_TRUE(append_one(store, n).ok());
  });
  for (std::int64_t seen = 0; reads < kReads;) {
    Read read;
    read.after = seen;
    const Page page = store.read_log(read).value();
    if (page.empty()) continue;
    ++reads;
    seen = page[page.size() - 1].position();
    ASSERT_GE(page.watermark(), seen);
  }
}

TEST_F(Settings, AReadOnlyDefaultIsNotTaken) {
  const Store store = Store::open(url_with("default_transaction_read_only = on")).value();
  const auto appended = append_one(store, 1);
  EXPECT_TRUE(appended.ok()) << appended.error().message();
  EXPECT_TRUE(store.save_snapshot("Thing", numbered(1), 1, 1, "{}").ok());
  EXPECT_EQ(stored(), 1);
}

TEST_F(Settings, OfADatabaseAreNotTakenEither) {
  const PostgresDatabase database;
  sql().run("alter database " + database.name() + " set default_transaction_read_only = on; alter database " +
            database.name() + " set default_transaction_isolation = 'serializable'");
  const auto store = Store::open(database.url());
  ASSERT_TRUE(store.ok()) << store.error().message();
  EXPECT_TRUE(store->was_created());
  EXPECT_TRUE(append_one(*store, 1).ok());
  EXPECT_EQ(store->count().value(), 1);
}

TEST_F(Settings, ACommitWaitsForTheDisk) {
  const std::string url = url_with("synchronous_commit = off");
  record("synchronous_commit");
  const Store store = Store::open(url).value();
  ASSERT_TRUE(append_one(store, 1).ok());
  ASSERT_TRUE(append_many(store, 2, 9, 3).ok());
  EXPECT_EQ(sql().run("select string_agg(distinct value, ',') from seen"), "on");
}

TEST_F(Settings, ACommitThatWaitsForStandbysStillDoes) {
  const std::string url = url_with("synchronous_commit = remote_apply");
  record("synchronous_commit");
  const Store store = Store::open(url).value();
  ASSERT_TRUE(append_one(store, 1).ok());
  EXPECT_EQ(sql().run("select string_agg(distinct value, ',') from seen"), "remote_apply");
}

// A new connection finds another schema first on its path: the store stays where it was opened.
TEST_F(Settings, ANewSearchPathDoesNotMoveTheStore) {
  const PostgresSchema other;
  PostgresConnection(other.url()).run("create table events (n int)");
  const std::string role_url = url_with("search_path = " + name());
  const std::size_t options = role_url.find("options=");
  const std::string url = role_url.substr(0, options) + role_url.substr(role_url.find('&', options) + 1);
  const Store store = Store::open(url).value();
  ASSERT_TRUE(append_one(store, 1).ok());
  sql().run("alter role " + role() + " set search_path = " + other.name() + "; grant usage on schema " + other.name() +
            " to " + role() + "; select pg_terminate_backend(pid) from pg_stat_activity where application_name = '" +
            name() + "' and pid <> pg_backend_pid()");
  await_connections(sql(), name(), 0);
  const auto appended = append_one(store, 2);
  EXPECT_TRUE(appended.ok()) << appended.error().message();
  EXPECT_EQ(store.read_log().value().size(), 2U);
  EXPECT_EQ(store.count().value(), 2);
  EXPECT_TRUE(store.save_snapshot("Thing", numbered(1), 1, 1, "{}").ok());
  EXPECT_EQ(store.inspect().value().events(), 2);
  EXPECT_EQ(stored(), 2);
  sql().run("revoke all on schema " + other.name() + " from " + role());
}

TEST_F(Settings, TextThatIsShownOtherwise) {
  const Store store = Store::open(url_with("bytea_output = escape")).value();
  sql().run("alter role " + role() + " set timezone = 'Asia/Kathmandu'; alter role " + role() +
            " set datestyle = 'German'; alter role " + role() + " set standard_conforming_strings = off");
  const Store other = Store::open(role_url()).value();
  ASSERT_TRUE(append_one(other, 1).ok());
  const Page page = other.read_log().value();
  const Page same = store.read_log().value();
  ASSERT_EQ(page.size(), 1U);
  ASSERT_EQ(same.size(), 1U);
  EXPECT_EQ(page[0].document(), same[0].document());
  EXPECT_EQ(page[0].stored_at(), same[0].stored_at());
}

}  // namespace
}  // namespace eventsource::test
