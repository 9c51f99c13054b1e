// What the I/O loop of a store is given to do: calls that were started.
// A job is used by one thread at a time.
#pragma once

#include <memory>

#include "core/base/owned_list.hpp"
#include "core/base/wait.hpp"

namespace eventsource::core {

// A call that was started.
class Job : public Linked<Job> {
 public:
  Job() = default;
  virtual ~Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  // Begins the call, which completes it, once, now or later on the same scheduler; without one, before this returns. The job
  // keeps itself, and may be the last to hold its store.
  virtual void run(std::unique_ptr<Job> self, Scheduler* scheduler) noexcept = 0;
};

using JobList = OwnedList<Job>;

}  // namespace eventsource::core
