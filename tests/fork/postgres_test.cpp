// A session with a server is the parent's: a child neither uses it, nor ends it, nor keeps it alive.
#include <csignal>
#include <gtest/gtest.h>
#include <thread>
#include <unistd.h>

#include "tests/fork/place.hpp"
#include "tests/fork/process.hpp"
#include "tests/support/postgres_connection.hpp"

namespace fork_test {
namespace {

using eventsource::Store;
using test_support::PostgresConnection;

class Postgres : public testing::Test {
 protected:
  // Marks its sessions, so that they are found among all of the server's.
  [[nodiscard]] std::string url(const std::string& mark) const {
    return test_support::with_parameter(place_.url(), "application_name", name(mark));
  }
  [[nodiscard]] std::string name(const std::string& mark) const { return mark + std::to_string(runner_); }

  [[nodiscard]] std::string sessions(const std::string& mark) const {
    PostgresConnection connection(test_support::test_server_url());
    return connection.run(
        "SELECT string_agg(pid::text, ' ' ORDER BY pid) FROM pg_stat_activity WHERE application_name = '" + name(mark) +
        "'");
  }

  const pid_t runner_ = getpid();
  const Place place_{"postgresql"};
  const Acknowledged acknowledged_;
};

TEST_F(Postgres, ASessionGoesOnWithTheSameServerProcessWhateverAChildDoes) {
  EXPECT_EQ(in_process([&]() -> std::string {
              Store store = Store::open(url("parent")).value();
              if (std::string wrong = append(store, stream_id(1), acknowledged_); !wrong.empty()) return wrong;
              const std::string before = sessions("parent");
              const std::string child = Process([&]() -> std::string {
                                          if (store.head()) return "the child uses the parent's session";
                                          {
                                            const Store closed = std::move(store);
                                          }
                                          const Store own = Store::open(url("child")).value();
                                          std::string wrong = append(own, stream_id(1), acknowledged_);
                                          return own.shutdown().ok() ? wrong : "the child's store does not shut down";
                                        }).end();
              if (!child.empty()) return child;
              if (std::string wrong = append(store, stream_id(1), acknowledged_); !wrong.empty()) return wrong;
              const std::string after = sessions("parent");
              return !before.empty() && before == after ? "" : "sessions before: " + before + ", after: " + after;
            }),
            "");
  EXPECT_EQ(acknowledged_.count(), 3U);
  EXPECT_EQ(check_all(place_.url(), acknowledged_), "");
}

// A call of the parent waits with the same handle while the child is made.
TEST_F(Postgres, ACancelHandleOfTheParentWorksInAChild) {
  EXPECT_EQ(
      in_process([&]() -> std::string {
        const Store store = Store::open(url("parent")).value();
        if (std::string wrong = append(store, stream_id(1), acknowledged_); !wrong.empty()) return wrong;
        PostgresConnection other(place_.url());
        other.run("BEGIN; LOCK TABLE events");
        const auto cancel = eventsource::Cancel::create().value();
        bool parents_call_ended_well = false;
        std::thread waiting(
            [&] { parents_call_ended_well = store.count({}, {.timeout = kPatience, .cancel = cancel}).ok(); });
        while (other.number("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'events'::regclass") == 0) {
        }
        const std::string child = Process([&]() -> std::string {
                                    const Store own = Store::open("memory:").value();
                                    cancel.fire();
                                    const auto head = own.head({.cancel = cancel});
                                    return head.error().code() == ES_CANCELLED ? "" : "the call is not cancelled";
                                  }).end();
        other.run("COMMIT");
        waiting.join();
        if (!child.empty()) return child;
        return parents_call_ended_well ? "" : "the child has cancelled a call of its parent";
      }),
      "");
}

// A copy of its socket in a living child would hide the death of a process from the server.
TEST_F(Postgres, ASessionEndsWithItsProcessAlthoughAChildLives) {
  const Signal is_open;
  const Signal never;
  Process parent(
      [&]() -> std::string {
        const Store store = Store::open(url("dying")).value();
        const Process child([&]() -> std::string {
          is_open.give();
          return never.take() ? "" : "the test took too long";
        });
        return never.take() ? "" : "the test took too long";
      },
      true);
  ASSERT_TRUE(is_open.take());
  ASSERT_NE(sessions("dying"), "");
  ASSERT_EQ(kill(parent.id(), SIGKILL), 0);
  const auto deadline = std::chrono::steady_clock::now() + kPatience / 2;
  std::string left;
  do left = sessions("dying");
  while (!left.empty() && std::chrono::steady_clock::now() < deadline);
  EXPECT_EQ(left, "");
}

}  // namespace
}  // namespace fork_test
