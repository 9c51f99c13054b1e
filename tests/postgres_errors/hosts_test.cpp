// Several hosts, and several addresses of one: each has its own time to let us in, then those behind it are tried, and
// target_session_attrs is heeded.
#include <chrono>
#include <future>
#include <string>
#include <vector>

#include "tests/postgres_errors/port.hpp"
#include "tests/postgres_errors/resolver.hpp"
#include "tests/postgres_errors/trouble.hpp"

namespace eventsource::test {
namespace {

using namespace std::chrono_literals;

// What has to end soon, on a busy machine too.
constexpr auto kSoon = 20s;

struct Place {
  std::string host;
  int port;
};

// A primary with one event and a standby with two.
class Hosts : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const PostgresOptions options{.conf = {"fsync=off", "listen_addresses=127.0.0.1"}};
    primary_ = new PostgresServer(options);
    standby_ = new PostgresServer(options);
    EXPECT_TRUE(append_one(Store::open(primary_->url()).value(), 1).ok());
    const Store store = Store::open(standby_->url()).value();
    EXPECT_TRUE(append_one(store, 1).ok());
    EXPECT_TRUE(append_one(store, 2).ok());
    standby_->stop();
    standby_->write_file("standby.signal", "");
    standby_->start();
  }
  static void TearDownTestSuite() {
    delete standby_;
    delete primary_;
  }

  [[nodiscard]] static Place primary(const std::string& host = "127.0.0.1") { return {host, primary_->port()}; }
  [[nodiscard]] static Place standby() { return {"127.0.0.1", standby_->port()}; }
  [[nodiscard]] static Place at(const Port& port) { return {"127.0.0.1", port.number()}; }

  // A second for each of them.
  [[nodiscard]] static std::string url(const std::vector<Place>& places, const std::string& attributes = "",
                                       const std::string& timeout = "1") {
    std::string list;
    for (const Place& place : places) {
      list += (list.empty() ? "" : ",") + place.host + ":" + std::to_string(place.port);
    }
    const std::string url = with_parameter("postgresql://postgres:" + primary_->password() + "@" + list + "/postgres",
                                           "connect_timeout", timeout);
    return attributes.empty() ? url : with_parameter(url, "target_session_attrs", attributes);
  }

  static void expect_head(const std::string& url, std::int64_t head, const Options& options = {}) {
    SCOPED_TRACE(url);
    const auto start = std::chrono::steady_clock::now();
    const auto store = Store::open(url, options);
    ASSERT_TRUE(store.ok()) << store.error().message();
    EXPECT_EQ(store.value().head().value(), head);
    EXPECT_LT(std::chrono::steady_clock::now() - start, kSoon);
  }

  static inline PostgresServer* primary_ = nullptr;
  static inline PostgresServer* standby_ = nullptr;
  const Port silent_{Answer::kSilence};
  const Port mute_{Answer::kSilence};
  const Port refusing_{Answer::kRefusal};
};

TEST_F(Hosts, OneThatRefusesIsPassed) {
  expect_head(url({at(refusing_), primary()}), 1);
}

TEST_F(Hosts, OneThatIsSilentIsPassed) {
  const auto start = std::chrono::steady_clock::now();
  expect_head(url({at(silent_), primary()}), 1);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 900ms);
  expect_head(url({at(refusing_), at(silent_), at(refusing_), at(mute_), primary()}), 1);
}

// Those that came before one that is silent are not tried again.
TEST_F(Hosts, EachIsTriedOnce) {
  expect_head(url({at(silent_), at(mute_), primary()}), 1);
  EXPECT_EQ(mute_.take_connections(), silent_.take_connections());
}

TEST_F(Hosts, AnAddressThatIsSilentIsPassed) {
  const Port silent(Answer::kSilence, "127.0.0.2", primary_->port());
  expect_head(url({primary(Resolver::kTwoAddresses)}), 1);
  EXPECT_GT(silent.take_connections(), 0);
  // Names and numbers as two lists, one name for both.
  const std::string port = std::to_string(primary_->port());
  const std::string lists =
      "postgresql://postgres:" + primary_->password() + "@/postgres?connect_timeout=1&port=" + port;
  expect_head(lists + "&hostaddr=127.0.0.2,127.0.0.1", 1);
  expect_head(lists + "&host=one.example,two.example&hostaddr=127.0.0.2,127.0.0.1", 1);
  EXPECT_GT(silent.take_connections(), 0);
}

// A socket in the file system behind the silent one: what the list said of addresses is taken back.
TEST_F(Hosts, ASocketBehindOneThatIsSilent) {
  const std::string ports = std::to_string(silent_.number()) + "," + std::to_string(primary_->port());
  const std::string hosts = "127.0.0.1," + primary_->folder();
  const std::string start = "postgresql://postgres@/postgres?connect_timeout=1&port=" + ports + "&host=" + hosts;
  expect_head(start, 1);
  expect_head(start + "&hostaddr=127.0.0.1,", 1);
}

TEST_F(Hosts, ACallThatWasStartedPassesASilentOne) {
  const CompletionQueue queue = CompletionQueue::create().value();
  const AsyncStore store(Store::open(url({at(silent_), primary()})).value(), queue);
  PostgresConnection(primary_->url())
      .run("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'eventsource'");
  EXPECT_EQ(queue.get(store.head()).value(), 1);
}

TEST_F(Hosts, AllAreSilent) {
  const auto start = std::chrono::steady_clock::now();
  const std::string first = "port " + std::to_string(silent_.number());
  const std::string second = "port " + std::to_string(mute_.number());
  expect_failure(Store::open(url({at(silent_), at(mute_)})),
                 {ES_UNAVAILABLE,
                  "",
                  true,
                  Outcome::kNotApplied,
                  {"127.0.0.1", first, second, "did not answer in time", "Check host and port", "connect_timeout"}});
  EXPECT_GE(std::chrono::steady_clock::now() - start, 1900ms);
}

TEST_F(Hosts, SomeAreSilentAndSomeRefuse) {
  const std::vector<std::string> words = {"port " + std::to_string(silent_.number()),
                                          "port " + std::to_string(refusing_.number()), "did not answer in time",
                                          "Connection refused", "Check host and port"};
  const Expected expected{ES_UNAVAILABLE, "", true, Outcome::kNotApplied, words};
  expect_failure(Store::open(url({at(refusing_), at(silent_)})), expected);
  expect_failure(Store::open(url({at(silent_), at(refusing_)})), expected);
}

TEST_F(Hosts, WhatTheNextSaysIsTheError) {
  std::string wrong = url({at(silent_), primary()});
  wrong.replace(wrong.find(primary_->password()), primary_->password().size(), kSecret);
  expect_failure(Store::open(wrong), {ES_ACCESS_DENIED,
                                      "28P01",
                                      false,
                                      Outcome::kNotApplied,
                                      {"password", "port " + std::to_string(silent_.number())}});
}

TEST_F(Hosts, TheCallsTimeEndsItAll) {
  const std::string silent = url({at(silent_), at(mute_), primary()});
  expect_failure(Store::open(silent, {}, {.timeout = 1300ms}),
                 {ES_TIMEOUT, "", true, Outcome::kNotApplied, {"1300 ms", "not answered"}});
  EXPECT_EQ(mute_.take_connections(), 1);
  const Cancel cancel = Cancel::create().value();
  auto opened = std::async(std::launch::async, [&] {
    return Store::open(url({at(mute_), primary()}, "", "600"), {}, {.timeout = -1ms, .cancel = cancel});
  });
  mute_.await_connection();
  cancel.fire();
  ASSERT_EQ(opened.wait_for(kSoon), std::future_status::ready);
  expect_failure(opened.get(), {ES_CANCELLED, "", false, Outcome::kNotApplied, {"cancelled"}});
}

TEST_F(Hosts, AStandbyIsNoPrimary) {
  for (const char* attributes : {"read-write", "primary"}) {
    expect_head(url({standby(), primary()}, attributes), 1);
    expect_head(url({standby(), at(silent_), primary()}, attributes), 1);
    expect_head(url({at(silent_), standby(), primary()}, attributes), 1);
  }
  const auto store = Store::open(url({standby(), primary()}, "read-write")).value();
  EXPECT_TRUE(append_one(store, 1).ok());
  for (const char* attributes : {"read-write", "primary"}) {
    expect_failure(Store::open(url({standby(), at(silent_)}, attributes)),
                   {ES_UNAVAILABLE,
                    "",
                    true,
                    Outcome::kNotApplied,
                    {"port " + std::to_string(standby_->port()), "port " + std::to_string(silent_.number())}});
  }
}

TEST_F(Hosts, AStandbyIsPreferred) {
  Options options;
  options.read_only(true);
  for (const char* attributes : {"standby", "prefer-standby", "read-only"}) {
    expect_head(url({primary(), standby()}, attributes), 2, options);
    expect_head(url({primary(), at(silent_), standby()}, attributes), 2, options);
  }
  // The second time, the primary will do.
  expect_head(url({primary(), at(silent_)}, "prefer-standby"), 1, options);
  expect_head(url({at(silent_), primary(), at(refusing_)}, "prefer-standby"), 1, options);
}

}  // namespace
}  // namespace eventsource::test
