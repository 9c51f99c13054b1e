// The I/O loop of a store: one thread that makes calls which wait without blocking, and goes on with each when what it waits
// for has come. Errands that block have threads of their own.
// submit(), stop(), wake() and run_aside(): any thread. The thread is started by the first call.
#pragma once

#include <memory>

#include "core/base/environment.hpp"
#include "core/base/wait.hpp"
#include "core/runtime/job.hpp"

namespace eventsource::core {

class Loop {
 public:
  // `environment` outlives it.
  explicit Loop(Environment& environment);
  ~Loop() { stop(); }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Begins `job` soon, on the loop's thread. After an error it was not taken, and is freed: ES_IO_ERROR.
  [[nodiscard]] Status submit(std::unique_ptr<Job> job);
  // Ends the thread; on that thread, once it is back in the loop. Nobody submits any more, and no job is under way.
  void stop() noexcept;

 private:
  class Thread;

  const std::shared_ptr<Thread> thread_;  // which holds itself as well, as long as it runs
};

}  // namespace eventsource::core
