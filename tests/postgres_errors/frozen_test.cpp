// A server that hangs: its connections stay open, nothing is answered, not even a cancel. Calls end with their time all the same.
#include <algorithm>
#include <array>
#include <chrono>
#include <future>
#include <list>
#include <optional>
#include <string>

#include "tests/postgres_errors/trouble.hpp"

namespace eventsource::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimeout = 1s;
// A server that is asked to cancel has five seconds to answer. The rest is for a busy machine.
constexpr auto kLatest = kTimeout + 5s + 15s;

const Expected kNotKnown{ES_TIMEOUT, "", true, Outcome::kUnknown, {"not known"}};

class Frozen : public testing::Test {
 protected:
  Frozen() : server_({.conf = {"fsync=off"}}), admin_(server_.url()) { EXPECT_TRUE(append_one(open("first"), 1).ok()); }

  // Its connections have that name.
  [[nodiscard]] Store open(const std::string& name) const {
    return Store::open(with_parameter(server_.url(), "application_name", name)).value();
  }

  PostgresServer server_;
  PostgresConnection admin_;
};

// One store each: the calls are under way at the same time.
TEST_F(Frozen, CallsEndWithTheirTime) {
  const Store timed = open("timed");
  const Store cancelled = open("cancelled");
  const Cancel cancel = Cancel::create().value();
  const CompletionQueue queue = CompletionQueue::create().value();
  const AsyncStore async(open("started"), queue);
  admin_.run("begin; lock table events in access exclusive mode");
  const Call until_cancelled{.timeout = -1ms, .cancel = cancel};
  auto read = std::async(std::launch::async, [&] { return cancelled.head(until_cancelled); });
  await_connections(admin_, "cancelled", 1, "wait_event_type = 'Lock'");
  server_.freeze();

  const auto start = std::chrono::steady_clock::now();
  cancel.fire();
  const Call call{.timeout = kTimeout};
  auto appended = std::async(std::launch::async, [&] { return append_one(timed, 2, call); });
  std::array<std::optional<Result<AppendResult>>, 8> ends;
  for (std::uint32_t i = 0; i < ends.size(); ++i) {
    Append append;
    append.stream("Thing", numbered(100 + i), ExpectedVersion::any());
    append.event("Counted", "{}").event_id(numbered(100 + i));
    async.append(append, call).then([&end = ends[i]](Result<AppendResult> result) { end.emplace(std::move(result)); });
  }
  while (queue.size() != 0 && std::chrono::steady_clock::now() < start + kLatest) {
    ASSERT_TRUE(queue.wait(10ms).ok());
    queue.drain();
  }
  EXPECT_EQ(queue.size(), 0U) << "started calls go on";
  EXPECT_EQ(appended.wait_until(start + kLatest), std::future_status::ready) << "a call goes on after its time";
  EXPECT_EQ(read.wait_until(start + kLatest), std::future_status::ready) << "a call goes on although it was cancelled";
  server_.thaw();

  expect_failure(read.get(), {ES_CANCELLED, "", false, Outcome::kNotApplied, {"cancelled"}});
  expect_failure(appended.get(), kNotKnown);
  for (const auto& end : ends) {
    ASSERT_TRUE(end.has_value());
    // Those behind the first are still in line.
    EXPECT_TRUE(end->error().code() == ES_TIMEOUT || end->error().code() == ES_BUSY) << end->error().message();
  }
  admin_.run("commit");
  // The same again tells.
  EXPECT_TRUE(append_one(timed, 2).ok());
  EXPECT_EQ(admin_.number("select count(*) from events where event_id = '00000000-0000-0000-0000-000000000002'"), 1);
  EXPECT_TRUE(cancelled.head().ok());
  EXPECT_TRUE(queue.get(async.head()).ok());
}

// Every kind of call that waits for the server, on a store of either kind.
template <class Take>
void each_kind(Take take) {
  take("append", [](const auto& store, const Call& call) {
    Append append;
    append.stream("Thing", numbered(3), ExpectedVersion::any()).event("Counted", "{}");
    return store.append(append, call);
  });
  take("log", [](const auto& store, const Call& call) { return store.read_log({}, call); });
  take("stream", [](const auto& store, const Call& call) { return store.read_stream("Thing", numbered(1), {}, call); });
  take("event", [](const auto& store, const Call& call) { return store.event(numbered(1), Content::kDocument, call); });
  take("head", [](const auto& store, const Call& call) { return store.head(call); });
  take("version", [](const auto& store, const Call& call) { return store.stream_version("Thing", numbered(1), call); });
  take("count", [](const auto& store, const Call& call) { return store.count({}, call); });
  take("save",
       [](const auto& store, const Call& call) { return store.save_snapshot("Thing", numbered(1), 1, 1, "{}", call); });
  take("load", [](const auto& store, const Call& call) { return store.load_snapshot("Thing", numbered(1), call); });
  take("delete", [](const auto& store, const Call& call) { return store.delete_snapshot("Thing", numbered(1), call); });
  take("inspect", [](const auto& store, const Call& call) { return store.inspect(call); });
  take("indexes", [](const auto& store, const Call& call) { return store.indexes(call); });
  take("add_index", [](const auto& store, const Call& call) { return store.add_index("idx_events_event_type", call); });
}

// The error of one call.
struct End {
  std::string kind;
  std::optional<Error> error;
};

// Five seconds for its work, and the server's five.
TEST_F(Frozen, CallsThatDoNotWaitEndToo) {
  const Call call{.timeout = 0ms};
  const CompletionQueue queue = CompletionQueue::create().value();
  const AsyncStore async(open("started"), queue);
  ASSERT_TRUE(queue.get(async.head()).ok());
  std::list<Store> stores;
  each_kind([&](const char* kind, const auto&) { stores.push_back(open(kind)); });
  server_.freeze();

  const auto latest = std::chrono::steady_clock::now() + 5s + 5s + 15s;
  std::list<std::future<End>> blocking;
  auto store = stores.begin();
  each_kind([&](const char* kind, const auto& make) {
    blocking.push_back(std::async(std::launch::async, [kind, make, call, &used = *store++] {
      const auto result = make(used, call);
      return End{kind, result.ok() ? std::nullopt : std::optional(result.error())};
    }));
  });
  blocking.push_back(std::async(std::launch::async, [this, call] {
    const auto opened = Store::open(server_.url(), {}, call);
    return End{"open", opened.ok() ? std::nullopt : std::optional(opened.error())};
  }));
  std::list<End> ends;
  each_kind([&](const char* kind, const auto& make) {
    End& end = ends.emplace_back(End{std::string("started ") + kind, {}});
    make(async, call).then([&end](const auto& result) {
      if (!result.ok()) end.error = result.error();
    });
  });
  while (queue.size() != 0 && std::chrono::steady_clock::now() < latest) {
    ASSERT_TRUE(queue.wait(10ms).ok());
    queue.drain();
  }
  EXPECT_EQ(queue.size(), 0U) << "started calls go on";
  const auto goes_on = [latest](const auto& end) { return end.wait_until(latest) != std::future_status::ready; };
  EXPECT_EQ(std::ranges::count_if(blocking, goes_on), 0) << "calls that block go on";
  server_.thaw();

  while (queue.size() != 0) {
    ASSERT_TRUE(queue.wait().ok());
    queue.drain();
  }
  for (auto& end : blocking) ends.push_back(end.get());
  for (const End& end : ends) {
    SCOPED_TRACE(end.kind);
    ASSERT_TRUE(end.error.has_value()) << "it succeeded";
    EXPECT_EQ(end.error->code(), ES_TIMEOUT) << end.error->message();
  }
  EXPECT_TRUE(append_one(stores.front(), 2).ok());
}

}  // namespace
}  // namespace eventsource::test
