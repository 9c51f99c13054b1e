// Processes of a test, watched: one that comes to no end is killed and told about, instead of hanging the test.
// A process is used by the thread that made it; any number of them at once.
//
// What a child does is a function that returns what went wrong, "" when nothing did. It uses nothing of gtest: a child made
// while other threads run may find gtest's own locks taken.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <sys/types.h>

namespace fork_test {

using Work = std::function<std::string()>;

// Longer than any child takes on a busy machine; a hang costs a failing test this much.
constexpr std::chrono::seconds kPatience{30};

class Process {
 public:
  // Forks. With `leads`, what the child starts can be killed together with it.
  explicit Process(const Work& work, bool leads = false);
  // Kills it, unless it has ended.
  ~Process();
  Process(Process&& other) noexcept;
  Process& operator=(Process&&) = delete;

  [[nodiscard]] pid_t id() const { return id_; }
  // Waits for its end: "" when nothing went wrong.
  [[nodiscard]] std::string end(std::chrono::seconds patience = kPatience);
  void kill();

 private:
  [[nodiscard]] int wait();

  pid_t id_ = 0;
  bool leads_ = false;
};

// Runs `work` in a process of its own, so that even a fork that hangs is only a failed test. What it says went wrong, or how
// it ended instead.
[[nodiscard]] std::string in_process(const Work& work, std::chrono::seconds patience = 4 * kPatience);

// Lets processes wait for each other.
class Signal {
 public:
  Signal();
  ~Signal();
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  void give() const;
  // False when none was given in time.
  [[nodiscard]] bool take() const;

 private:
  int ends_[2] = {};
};

}  // namespace fork_test
