#include <atomic>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "core/base/fork.hpp"

namespace eventsource::core {
namespace {

int in_child(const auto& work) {
  const pid_t child = fork();
  if (child == 0) _exit(work());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Fork, RaisesTheGenerationInTheChildAlone) {
  const std::uint64_t before = fork_generation();
  EXPECT_EQ(in_child([&] { return fork_generation() == before + 1 ? 0 : 1; }), 0);
  EXPECT_EQ(fork_generation(), before);
}

TEST(Fork, RaisesItAgainInAChildOfAChild) {
  const std::uint64_t before = fork_generation();
  EXPECT_EQ(in_child([&] { return in_child([&] { return fork_generation() == before + 2 ? 0 : 1; }); }), 0);
}

// What a fork does around itself, counted.
class Counted final : public ForkParticipant {
 public:
  Counted() { take_part(); }
  void before_fork() noexcept override { ++before; }
  void after_fork_in_parent() noexcept override { ++in_parent; }
  void after_fork_in_child() noexcept override { ++in_child; }

  int before = 0;
  int in_parent = 0;
  int in_child = 0;
};

TEST(Fork, TellsParticipantsBeforeAndAfter) {
  static Counted& counted = *new Counted;
  EXPECT_EQ(in_child([&] { return counted.before == 1 && counted.in_parent == 0 && counted.in_child == 1 ? 0 : 1; }),
            0);
  EXPECT_EQ(counted.before, 1);
  EXPECT_EQ(counted.in_parent, 1);
  EXPECT_EQ(counted.in_child, 0);
}

// A fork that came while a thread was inside would show one half of what it does.
TEST(Fork, WaitsUntilNoThreadIsInside) {
  static std::atomic<int> halves{0};
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (!stop.load()) {
        const NoFork no_fork;
        halves.fetch_add(1);
        const NoFork nested;
        halves.fetch_sub(1);
      }
    });
  }
  for (int i = 0; i < 100; ++i) {
    // And the child may go in and fork itself, although the others had counted themselves in.
    EXPECT_EQ(in_child([] {
                if (halves.load() != 0) return 1;
                {
                  const NoFork no_fork;
                }
                return in_child([] { return 0; });
              }),
              0);
  }
  stop.store(true);
  for (std::thread& thread : threads) thread.join();
}

TEST(Fork, DoesNotWaitForItsOwnThread) {
  const NoFork no_fork;
  EXPECT_EQ(in_child([] {
              {
                const NoFork nested;
              }
              return 0;
            }),
            0);
}

// A call that takes long lets it happen in the middle.
TEST(Fork, HappensWhereALongCallLetsItPass) {
  std::atomic<bool> inside{false};
  std::atomic<bool> forked{false};
  std::thread long_call([&] {
    const NoFork no_fork;
    inside.store(true);
    while (!forked.load()) NoFork::let_fork_pass();
  });
  while (!inside.load()) std::this_thread::yield();
  EXPECT_EQ(in_child([] { return 0; }), 0);
  forked.store(true);
  long_call.join();
}

TEST(Fork, OfTwoThreadsAtOnceIsOneAfterTheOther) {
  std::vector<std::thread> threads;
  std::atomic<int> failed{0};
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 50; ++k) failed += in_child([] { return 0; });
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed.load(), 0);
}

}  // namespace
}  // namespace eventsource::core
