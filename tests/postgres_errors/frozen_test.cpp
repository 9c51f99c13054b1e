// A server that hangs: its connections stay open, nothing is answered, not even a cancel. Calls end with their time all the same.
#include <array>
#include <chrono>
#include <future>

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

}  // namespace
}  // namespace eventsource::test
