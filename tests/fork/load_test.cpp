// Forks while other threads are at work: no child hangs, and nothing that was acknowledged in either process is lost.
// EVENTSOURCE_FORKS says how many (60).
#include <atomic>
#include <cstdlib>
#include <deque>
#include <gtest/gtest.h>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/fork/place.hpp"
#include "tests/fork/process.hpp"

namespace fork_test {
namespace {

using eventsource::Store;

int forks() {
  const char* const said = std::getenv("EVENTSOURCE_FORKS");
  return said == nullptr ? 60 : std::atoi(said);
}

// Some appends in flight at once, through a queue. What went wrong.
std::string append_several(const eventsource::CompletionQueue& queue, const Store& store,
                           const Acknowledged& acknowledged) {
  constexpr int kInFlight = 8;
  const eventsource::AsyncStore async(store, queue);
  const eventsource::Call patient{.timeout = std::chrono::seconds(60)};
  eventsource::Append one;
  std::vector<eventsource::Started<eventsource::AppendResult>> started;
  for (std::uint8_t i = 0; i < kInFlight; ++i) {
    one.clear();
    one.stream("Order", stream_id(static_cast<std::uint8_t>(10 + i)), eventsource::ExpectedVersion::any())
        .event("Placed", "{}");
    started.push_back(async.append(one, patient));
  }
  for (auto& call : started) {
    const auto result = queue.get(std::move(call));
    if (!result) return "a started append: " + std::string(result.error().message());
    acknowledged.add(result->event_ids()[0]);
  }
  return "";
}

// Threads that do the same thing over and over, until one of them fails or they are stopped.
class Busy {
 public:
  ~Busy() { static_cast<void>(stop()); }

  void start(Work work) {
    threads_.emplace_back([this, work = std::move(work)] {
      while (!stopped_.load()) {
        const std::string wrong = work();
        if (wrong.empty()) continue;
        const std::scoped_lock lock(mutex_);
        wrong_ = "in the parent: " + wrong;
        return;
      }
    });
  }

  // What went wrong.
  [[nodiscard]] std::string stop() {
    stopped_.store(true);
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    return wrong_;
  }

 private:
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  std::string wrong_;
  std::vector<std::thread> threads_;
};

class Load : public testing::TestWithParam<std::string_view> {
 protected:
  static constexpr std::uint8_t kSharedStream = 200;
  static constexpr std::size_t kChildrenAtOnce = 4;

  void keep_busy(Busy& busy, const Store& store) const {
    for (std::uint8_t writer = 1; writer <= 3; ++writer) {
      busy.start([this, &store, writer] {
        const std::string wrong = append(store, stream_id(writer), acknowledged_);
        return wrong.empty() ? append(store, stream_id(kSharedStream), acknowledged_) : wrong;
      });
    }
    busy.start(
        [this, &store,
         queue = std::make_shared<eventsource::CompletionQueue>(eventsource::CompletionQueue::create().value())] {
          return append_several(*queue, store, acknowledged_);
        });
    busy.start([&store]() -> std::string {
      const auto page = store.read_log({.direction = eventsource::Direction::kBackward});
      return page ? "" : "read: " + std::string(page.error().message());
    });
    busy.start([&store]() -> std::string {
      const auto count = store.count();
      return count ? "" : "count: " + std::string(count.error().message());
    });
    // Opening and closing takes the most locks.
    busy.start([this]() -> std::string {
      const auto other = Store::open(place_.url());
      return other ? "" : "open: " + std::string(other.error().message());
    });
  }

  // A child that opens the store for itself, appends, and ends in one of three ways.
  [[nodiscard]] std::string child(const Store& inherited, int number) const {
    if (std::string wrong = expect_forked("head", inherited.head()); !wrong.empty()) return wrong;
    auto opened = Store::open(place_.url(), {}, {.timeout = std::chrono::seconds(60)});
    if (!opened) return "in a child: open: " + std::string(opened.error().message());
    const Store& own = *new Store(*opened);
    for (int i = 0; i < 2; ++i) {
      std::string wrong = append(own, stream_id(100), acknowledged_);
      if (wrong.empty()) wrong = append(own, stream_id(kSharedStream), acknowledged_);
      if (!wrong.empty()) return "in a child: " + wrong;
    }
    if (number % 3 == 0) return own.shutdown().ok() ? "" : "in a child: no shutdown";
    if (number % 3 == 1) delete &own;
    return "";
  }

  const Place place_{GetParam()};
  const Acknowledged acknowledged_;
};

TEST_P(Load, OfOtherThreadsDoesNotHangAChildAndLosesNothing) {
  const int count = forks();
  const auto run = [&]() -> std::string {
    const Store store = Store::open(place_.url()).value();
    Busy busy;
    keep_busy(busy, store);
    std::deque<Process> children;
    std::string wrong;
    for (int i = 0; i < count && wrong.empty(); ++i) {
      if (children.size() == kChildrenAtOnce) {
        wrong = children.front().end();
        children.pop_front();
      }
      children.emplace_back([&, i] { return child(store, i); });
    }
    for (Process& one : children) {
      const std::string ended = one.end();
      if (wrong.empty()) wrong = ended;
    }
    const std::string in_parent = busy.stop();
    return wrong.empty() ? in_parent : wrong;
  };
  EXPECT_EQ(in_process(run, 4 * kPatience + std::chrono::seconds(count)), "");
  EXPECT_GE(acknowledged_.count(), 4 * static_cast<std::size_t>(count));
  EXPECT_EQ(check_all(place_.url(), acknowledged_), "");
}

// Threads that are nearly always inside of SQLite, and children that go there at once.
TEST(SqliteLoad, LeavesNoMutexOfSqliteLockedInAChild) {
  const Place place("sqlite");
  EXPECT_EQ(in_process([&]() -> std::string {
              const Store store = Store::open(place.url()).value();
              Busy busy;
              const auto visit = [&]() -> std::string {
                const auto other = Store::open(place.url());
                return other ? "" : "open: " + std::string(other.error().message());
              };
              for (int i = 0; i < 4; ++i) busy.start(visit);
              std::string wrong;
              for (int i = 0; i < 2 * forks() && wrong.empty(); ++i) wrong = Process(visit).end();
              const std::string in_parent = busy.stop();
              return wrong.empty() ? in_parent : wrong;
            }),
            "");
}

INSTANTIATE_TEST_SUITE_P(Backend, Load, testing::Values("sqlite", "postgresql"),
                         [](const auto& backend) { return std::string(backend.param); });

}  // namespace
}  // namespace fork_test
