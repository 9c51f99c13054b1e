// Hosts that are names: a resolver that hangs holds no call up for longer than it may take, and the others go on.
#include "tests/postgres_errors/resolver.hpp"

#include <array>
#include <chrono>
#include <future>
#include <optional>

#include "tests/postgres_errors/trouble.hpp"

namespace eventsource::test {
namespace {

using namespace std::chrono_literals;

// For what has to end soon; a busy machine has time.
constexpr auto kSoon = 20s;
constexpr auto kTimeout = 200ms;

class Named : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = new PostgresServer({.conf = {"fsync=off", "listen_addresses=127.0.0.1"}});
    EXPECT_TRUE(append_one(Store::open(server_->url()).value(), 1).ok());
  }
  static void TearDownTestSuite() { delete server_; }

  // A URL with these hosts, all of them at the port of the server.
  [[nodiscard]] static std::string url(std::initializer_list<const char*> hosts,
                                       const std::string& application = "named") {
    const std::string url = server_->tcp_url(server_->password());
    const std::string here = "127.0.0.1:" + std::to_string(server_->port());
    std::string list;
    for (const std::string host : hosts) list += (list.empty() ? "" : ",") + host + here.substr(here.find(':'));
    return with_parameter(std::string(url).replace(url.find(here), here.size(), list), "application_name", application);
  }

  static inline PostgresServer* server_ = nullptr;
};

// The result of `call`, which has to come although the resolver hangs.
template <class T>
Result<T> in_time(const std::function<Result<T>()>& call, std::optional<Resolver::Hang>& hang) {
  auto result = std::async(std::launch::async, call);
  EXPECT_EQ(result.wait_for(kSoon), std::future_status::ready) << "it waits for the resolver";
  hang.reset();
  return result.get();
}

TEST_F(Named, TheServerIsFound) {
  for (const std::string& found : {url({"server.test"}), url({"two.test"}), url({"nobody.test", "server.test"}),
                                   url({"server.test", "nobody.test"})}) {
    SCOPED_TRACE(found);
    const auto store = Store::open(found);
    ASSERT_TRUE(store.ok()) << store.error().message();
    EXPECT_TRUE(store.value().head().ok());
  }
}

TEST_F(Named, NoHostHasAnAddress) {
  expect_failure(Store::open(url({"nobody.test"})),
                 {ES_UNAVAILABLE, "", true, Outcome::kNotApplied, {"nobody.test", "Check host and port"}});
}

TEST_F(Named, AnOpenEndsWithItsTime) {
  std::optional<Resolver::Hang> hang(std::in_place);
  const Call call{.timeout = kTimeout};
  expect_failure(in_time<Store>([&] { return Store::open(url({"timed.server.test"}), {}, call); }, hang),
                 {ES_TIMEOUT, "", true, Outcome::kNotApplied, {"200 ms", "timed.server.test", "look-up"}});
}

TEST_F(Named, ConnectTimeoutIsForTheNameToo) {
  std::optional<Resolver::Hang> hang(std::in_place);
  const std::string with_limit = with_parameter(url({"limited.server.test"}), "connect_timeout", "1");
  expect_failure(in_time<Store>([&] { return Store::open(with_limit); }, hang),
                 {ES_UNAVAILABLE, "", true, Outcome::kNotApplied, {"did not answer in time", "connect_timeout"}});
}

TEST_F(Named, ACancelEndsTheWait) {
  std::optional<Resolver::Hang> hang(std::in_place);
  const Cancel cancel = Cancel::create().value();
  const Call call{.timeout = -1ms, .cancel = cancel};
  auto opened = std::async(std::launch::async, [&] { return Store::open(url({"cancelled.server.test"}), {}, call); });
  await("the resolver is asked", [] { return Resolver::waiting() == 1; });
  cancel.fire();
  EXPECT_EQ(opened.wait_for(kSoon), std::future_status::ready) << "it waits for the resolver";
  hang.reset();
  expect_failure(opened.get(), {ES_CANCELLED, "", false, Outcome::kNotApplied, {"cancelled"}});
}

// Calls that find no connection, of both kinds, and however many: the resolver keeps one thread.
TEST_F(Named, CallsEndWithTheirTime) {
  const Store store = Store::open(url({"lost.server.test"}, "lost")).value();
  const CompletionQueue queue = CompletionQueue::create().value();
  const AsyncStore async(Store::open(url({"lost.server.test"}, "lost")).value(), queue);
  std::optional<Resolver::Hang> hang(std::in_place);
  PostgresConnection admin(server_->url());
  admin.run("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'lost'");
  await_connections(admin, "lost", 0);

  const Call call{.timeout = kTimeout};
  std::array<std::optional<Error>, 16> ends;
  const auto read = [&] {
    for (auto& end : ends) async.head(call).then([&end](const Result<std::int64_t>& head) { end = head.error(); });
    const auto latest = std::chrono::steady_clock::now() + kSoon;
    while (queue.size() != 0 && std::chrono::steady_clock::now() < latest) {
      ASSERT_TRUE(queue.wait(10ms).ok());
      queue.drain();
    }
    EXPECT_EQ(queue.size(), 0U) << "started calls wait for the resolver";
  };
  read();
  read();
  EXPECT_EQ(Resolver::waiting(), 1);
  const Result<AppendResult> appended = in_time<AppendResult>([&] { return append_one(store, 2, call); }, hang);
  while (queue.size() != 0) {
    ASSERT_TRUE(queue.wait().ok());
    queue.drain();
  }
  EXPECT_EQ(appended.error().code(), ES_TIMEOUT) << appended.error().message();
  EXPECT_EQ(appended.error().outcome(), Outcome::kNotApplied);
  for (const auto& end : ends) {
    ASSERT_TRUE(end.has_value());
    EXPECT_EQ(end->code(), ES_TIMEOUT) << end->message();
  }
  EXPECT_TRUE(append_one(store, 2).ok());
  EXPECT_TRUE(queue.get(async.head()).ok());
}

TEST_F(Named, AHostThatCanBeTriedIsTried) {
  std::optional<Resolver::Hang> hang(std::in_place);
  const auto store = in_time<Store>([&] { return Store::open(url({"127.0.0.1", "second.server.test"})); }, hang);
  EXPECT_TRUE(store.ok()) << store.error().message();
}

}  // namespace
}  // namespace eventsource::test
