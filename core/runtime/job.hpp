// What the I/O loop of a store is given to do: calls that were started.
// A job is used by one thread at a time.
#pragma once

#include <memory>
#include <utility>

#include "core/base/wait.hpp"

namespace eventsource::core {

// A call that was started.
class Job {
 public:
  Job() = default;
  virtual ~Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  // Begins the call, which completes it, once, now or later on the same scheduler; without one, before this returns. The job
  // keeps itself, and may be the last to hold its store.
  virtual void run(std::unique_ptr<Job> self, Scheduler* scheduler) noexcept = 0;

 private:
  friend class JobList;

  Job* behind_ = nullptr;
};

// Jobs in a row, which it owns. One thread at a time; nothing allocates.
class JobList {
 public:
  JobList() = default;
  JobList(const JobList&) = delete;
  JobList& operator=(const JobList&) = delete;
  ~JobList() {
    while (pop() != nullptr) {
    }
  }

  void push(std::unique_ptr<Job> job) noexcept {
    *end_ = job.release();
    end_ = &(*end_)->behind_;
  }

  // The first, or nullptr.
  [[nodiscard]] std::unique_ptr<Job> pop() noexcept {
    if (first_ == nullptr) return nullptr;
    std::unique_ptr<Job> job(std::exchange(first_, first_->behind_));
    if (first_ == nullptr) end_ = &first_;
    job->behind_ = nullptr;
    return job;
  }

 private:
  Job* first_ = nullptr;
  Job** end_ = &first_;
};

}  // namespace eventsource::core
