// Lets other processes write: a pause after a commit, while one of them was met lately. SQLite's lock has no queue, and
// whoever has just committed finds it free before those who look for it now and then.
// Any thread. Nothing is held during a pause.
#pragma once

#include <atomic>

#include "core/sqlite/connection.hpp"

namespace eventsource::core::sqlite {

class Courtesy {
 public:
  // A transaction had to wait for another process.
  void met_others() { left_.store(kPauses, std::memory_order_relaxed); }

  // After a commit. Nothing tells a process that others wait before it had to wait itself.
  void let_others_pass(const Call& call) {
    if (left_.load(std::memory_order_relaxed) <= 0 || !call.may_wait()) return;
    left_.fetch_sub(1, std::memory_order_relaxed);
    pause_for_others(call);
  }

 private:
  // Of three processes that only append, the longest wait falls from 0.13-0.72 s to 0.03-0.16 s (1 pause: 0.15-0.41 s,
  // 64: no better than 16).
  static constexpr int kPauses = 16;

  std::atomic<int> left_{0};
};

}  // namespace eventsource::core::sqlite
