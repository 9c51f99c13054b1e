// Work of an I/O loop that blocks, on threads of its kind.
// Any thread. Threads are started as they are needed, and not waited for: what blocks them may last.
#pragma once

#include <array>
#include <functional>
#include <memory>

#include "core/base/wait.hpp"

namespace eventsource::core {

class Errands {
 public:
  Errands();
  ~Errands() { stop(); }
  Errands(const Errands&) = delete;
  Errands& operator=(const Errands&) = delete;

  // As Scheduler::run_aside: however long the threads are busy, what waits with an owner is at least half of all.
  // Throws std::bad_alloc. Where the system gives no thread the work is done on this one.
  void run(Scheduler::Errand kind, std::function<void()> work, std::weak_ptr<const void> owner);
  // What has begun or waits is done to its end, and the threads end then; nobody waits for that.
  void stop() noexcept;

 private:
  class Line;
  static constexpr std::size_t kKinds = 4;

  std::array<std::shared_ptr<Line>, kKinds> lines_;
};

}  // namespace eventsource::core
