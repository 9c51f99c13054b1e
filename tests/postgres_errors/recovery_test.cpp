// A server that starts up, is a standby, or shuts down.
#include <filesystem>
#include <fstream>
#include <future>

#include "tests/postgres_errors/trouble.hpp"

namespace eventsource::test {
namespace {

using namespace std::chrono_literals;

constexpr Expected kStarting{ES_UNAVAILABLE, "57P03", true};

// It waits for its archive before it lets anybody in, until the file `go` is there.
class Standby : public testing::Test {
 protected:
  Standby() : server_({.conf = {"fsync=off"}}) {
    {
      const Store store = Store::open(server_.url()).value();
      EXPECT_TRUE(append_one(store, 1).ok());
      EXPECT_TRUE(append_one(store, 2).ok());
      PostgresConnection(server_.url()).run("create database empty");
    }
    server_.stop();
    server_.write_file("standby.signal", "");
  }

  PostgresServer server_;
};

TEST_F(Standby, RefusesWhileItStartsUpAndIsReadFromThen) {
  const std::string go = server_.data() + "/go";
  server_.write_file("postgresql.auto.conf",
                     "restore_command = 'while [ ! -e " + go + " ]; do sleep 0.01; done; false'\n");
  server_.start_without_waiting();
  Expected starting = kStarting;
  starting.words = {"starting up", "try again"};
  expect_failure(Store::open(server_.url()), starting);
  expect_failure(Store::open(server_.url(), Options().read_only(true)), starting);
  server_.write_file("go", "");
  await("the standby lets readers in", [&] { return Store::open(server_.url(), Options().read_only(true)).ok(); });
}

TEST_F(Standby, TakesNoWritesAndIsRead) {
  server_.start();
  const std::vector<std::string> words = {"standby", "primary", "read_only"};
  expect_failure(Store::open(server_.url()), {ES_READ_ONLY, "25006", false, Outcome::kNotApplied, words});
  expect_failure(Store::open(server_.url("empty")), {ES_READ_ONLY, "25006", false, Outcome::kNotApplied, words});
  const Store store = Store::open(server_.url(), Options().read_only(true)).value();
  EXPECT_EQ(store.head().value(), 2);
  EXPECT_EQ(store.read_log().value().size(), 2U);
  EXPECT_EQ(store.read_stream("Thing", numbered(2)).value().size(), 1U);
  EXPECT_EQ(store.stream_version("Thing", numbered(1)).value(), 1);
  EXPECT_EQ(store.count().value(), 2);
  EXPECT_EQ(append_one(store, 3).error().code(), ES_READ_ONLY);
}

// The connections go too, so that another may be one to the primary.
TEST_F(Standby, AServerThatBecomesOneTakesNoMoreWrites) {
  std::filesystem::remove(server_.data() + "/standby.signal");
  server_.start();
  const Store store = Store::open(with_parameter(server_.url(), "application_name", "demoted")).value();
  server_.stop();
  server_.write_file("standby.signal", "");
  server_.start();
  EXPECT_EQ(store.head().value(), 2);
  PostgresConnection admin(server_.url());
  await_connections(admin, "demoted", 1);
  expect_failure(append_one(store, 3), {ES_READ_ONLY, "0A000", false, Outcome::kNotApplied, {"standby", "primary"}});
  await_connections(admin, "demoted", 0);
  EXPECT_EQ(store.head().value(), 2);
  expect_failure(store.save_snapshot("Thing", numbered(1), 1, 1, "{}"),
                 {ES_READ_ONLY, "0A000", false, Outcome::kNotApplied, {"standby", "primary"}});
  await_connections(admin, "demoted", 0);
  admin.run("select pg_promote()");
  const auto appended = append_one(store, 3);
  EXPECT_TRUE(appended.ok()) << appended.error().message();
}

TEST(ShuttingDown, NewConnectionsAreRefusedAndOldOnesWork) {
  PostgresServer server({.conf = {"fsync=off"}});
  // The other thread has the server meanwhile.
  const std::string url = server.url();
  auto store = std::make_unique<Store>(Store::open(url).value());
  ASSERT_TRUE(append_one(*store, 1).ok());
  auto stopped = std::async(std::launch::async, [&] { server.stop("smart"); });
  await("the server shuts down", [&] { return !Store::open(url).ok(); });
  Expected stopping = kStarting;
  stopping.words = {"shutting down", "try again"};
  expect_failure(Store::open(url), stopping);
  EXPECT_TRUE(append_one(*store, 2).ok());
  EXPECT_TRUE(store->head().ok());
  store.reset();
  stopped.get();
  server.start();
  EXPECT_EQ(PostgresConnection(server.url()).number("select count(*) from events"), 2);
}

}  // namespace
}  // namespace eventsource::test
