// Threads that run jobs: each job once, few threads, jobs whose time is over, and every way to end.
#include "core/runtime/workers.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <functional>
#include <gtest/gtest.h>
#include <latch>
#include <pthread.h>
#include <semaphore>
#include <thread>
#include <vector>

namespace eventsource::core {
namespace {

class Task final : public Job {
 public:
  explicit Task(
      std::function<void()> work, std::function<bool()> must_end = [] { return false; })
      : work_(std::move(work)), must_end_(std::move(must_end)) {}

  void run() noexcept override { work_(); }
  bool must_end() const noexcept override { return must_end_(); }

 private:
  std::function<void()> work_;
  std::function<bool()> must_end_;
};

void submit(Workers& workers, std::function<void()> work, std::function<bool()> must_end = [] { return false; }) {
  ASSERT_TRUE(workers.submit(std::make_unique<Task>(std::move(work), std::move(must_end))).ok());
}

// Jobs that hold all threads of some Workers until they are let go.
class Hold {
 public:
  Hold(Workers& workers, std::ptrdiff_t threads) : held_(threads), threads_(threads) {
    for (std::ptrdiff_t n = 0; n < threads; ++n) {
      submit(workers, [this] {
        held_.count_down();
        go_.acquire();
      });
    }
    held_.wait();
  }
  void let_go() { go_.release(threads_); }

 private:
  std::latch held_;
  std::counting_semaphore<> go_{0};
  const std::ptrdiff_t threads_;
};

TEST(Workers, RunEachJobOnceOnFewThreads) {
  constexpr int kJobs = 1'000;
  constexpr int kCallers = 4;
  Workers workers(3);
  std::vector<std::atomic<int>> runs(kJobs * kCallers);
  std::atomic<int> at_work{0};
  std::atomic<int> most_at_work{0};
  std::latch all(kJobs * kCallers);
  std::vector<std::thread> callers;
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&, caller] {
      for (int n = 0; n < kJobs; ++n) {
        submit(workers, [&, job = static_cast<std::size_t>(caller * kJobs + n)] {
          const int now = ++at_work;
          int most = most_at_work;
          while (most < now && !most_at_work.compare_exchange_weak(most, now)) {
          }
          ++runs[job];
          --at_work;
          all.count_down();
        });
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  all.wait();
  for (const auto& times : runs) EXPECT_EQ(times, 1);
  EXPECT_LE(most_at_work, 3);
}

TEST(Workers, OneOfThemRunsJobsInTheirOrder) {
  Workers workers(1);
  std::vector<int> order;
  std::latch all(100);
  for (int n = 0; n < 100; ++n) {
    submit(workers, [&, n] {
      order.push_back(n);
      all.count_down();
    });
  }
  all.wait();
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST(Workers, AJobMayWaitForALaterOneAsLongAsThereAreThreads) {
  Workers workers(2);
  std::latch second(1);
  std::latch first(1);
  submit(workers, [&] {
    second.wait();
    first.count_down();
  });
  submit(workers, [&] { second.count_down(); });
  first.wait();
}

TEST(Workers, AJobWhoseTimeIsOverDoesNotWaitForAThread) {
  Workers workers(2);
  Hold hold(workers, 2);
  std::atomic<bool> is_over{false};
  std::atomic<int> others{0};
  std::latch ended(2);
  submit(workers, [&] { ++others; });
  for (int n = 0; n < 2; ++n) {
    submit(workers, [&] { ended.count_down(); }, [&] { return is_over.load(); });
  }
  submit(workers, [&] { ++others; });
  is_over = true;
  ended.wait();
  EXPECT_EQ(others, 0) << "the others still wait for their turn";
  hold.let_go();
  workers.stop();
}

TEST(Workers, NoSignalIsDeliveredToThem) {
  Workers workers(1);
  std::latch looked(1);
  sigset_t blocked;
  submit(workers, [&] {
    pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    looked.count_down();
  });
  looked.wait();
  for (const int signal : {SIGINT, SIGTERM, SIGCHLD, SIGUSR1, SIGALRM}) EXPECT_EQ(sigismember(&blocked, signal), 1);
  sigset_t here;
  pthread_sigmask(SIG_SETMASK, nullptr, &here);
  EXPECT_EQ(sigismember(&here, SIGINT), 0) << "the mask of the caller is as it was";
}

TEST(Workers, StopIsTheEndOfTheirThreads) {
  Workers workers(4);
  std::latch ran(1);
  submit(workers, [&] { ran.count_down(); });
  ran.wait();
  workers.stop();
  workers.stop();
}

TEST(Workers, WithoutAJobThereIsNoThreadToEnd) {
  Workers workers(4);
  workers.stop();
}

// As where a store's last handle was closed while a call ran.
TEST(Workers, TheLastJobMayBeWhatHoldsThem) {
  for (int round = 0; round < 100; ++round) {
    auto workers = std::make_shared<Workers>(2);
    std::latch last(1);
    std::latch ended(1);
    Workers& all = *workers;
    submit(all, [&, held = std::move(workers)]() mutable {
      last.wait();
      held.reset();
      ended.count_down();
    });
    last.count_down();
    ended.wait();
  }
}

TEST(RunApart, RunsAJobOnAThreadOfItsOwn) {
  std::latch ran(1);
  std::thread::id where;
  ASSERT_TRUE(run_apart("es-test", std::make_unique<Task>([&] {
                          where = std::this_thread::get_id();
                          ran.count_down();
                        }))
                  .ok());
  ran.wait();
  EXPECT_NE(where, std::this_thread::get_id());
}

}  // namespace
}  // namespace eventsource::core
