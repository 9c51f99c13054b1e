// What a store's threads do: calls that were started, one after the other.
// A job is used by one thread at a time.
#pragma once

#include <memory>

#include "core/base/result.hpp"

namespace eventsource::core {

// A call that was started.
class Job {
 public:
  Job() = default;
  virtual ~Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  // Makes the call and completes it. Once. The job may be the last to hold its store.
  virtual void run() noexcept = 0;

  // True once the call must end whatever its work: run() does none then.
  [[nodiscard]] virtual bool must_end() const noexcept = 0;

 private:
  friend class JobList;

  Job* behind_ = nullptr;
};

// Where the jobs of a store run.
class Runtime {
 public:
  virtual ~Runtime() = default;

  // Lets `job` run, soon and on another thread, and never waits for it. After an error it was not taken: it is freed.
  [[nodiscard]] virtual Status submit(std::unique_ptr<Job> job) = 0;

  // Ends the threads. Nobody submits any more, and no job waits or runs.
  virtual void stop() noexcept = 0;
};

}  // namespace eventsource::core
