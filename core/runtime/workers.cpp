#include "core/runtime/workers.hpp"

#include <chrono>
#include <cstddef>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/mutex.hpp"
#include "core/runtime/thread.hpp"

namespace eventsource::core {

// Jobs in a row, which it owns. Nothing allocates.
class JobList {
 public:
  JobList() = default;
  JobList(const JobList&) = delete;
  JobList& operator=(const JobList&) = delete;
  ~JobList() {
    while (pop() != nullptr) {
    }
  }

  [[nodiscard]] bool empty() const { return first_ == nullptr; }
  [[nodiscard]] std::size_t size() const { return size_; }

  void push(std::unique_ptr<Job> job) {
    *end_ = job.release();
    end_ = &(*end_)->behind_;
    ++size_;
  }

  [[nodiscard]] std::unique_ptr<Job> pop() { return first_ == nullptr ? nullptr : take(&first_); }

  // Those that must end go over to `others`, out of their turn.
  void give_ending(JobList& others) {
    for (Job** place = &first_; *place != nullptr;) {
      if ((*place)->must_end()) {
        others.push(take(place));
      } else {
        place = &(*place)->behind_;
      }
    }
  }

 private:
  std::unique_ptr<Job> take(Job** place) {
    std::unique_ptr<Job> job(std::exchange(*place, (*place)->behind_));
    if (end_ == &job->behind_) end_ = place;
    job->behind_ = nullptr;
    --size_;
    return job;
  }

  Job* first_ = nullptr;
  Job** end_ = &first_;
  std::size_t size_ = 0;
};

// What the threads share. It outlives the Workers as long as one of them runs.
class Workers::Crew {
 public:
  explicit Crew(std::size_t most) : most_(most) { threads_.reserve(most + 1); }

  [[nodiscard]] Status submit(std::unique_ptr<Job> job, const std::shared_ptr<Crew>& self);
  void stop() noexcept;

 private:
  // How often the watcher looks: a raised CancelFlag wakes nobody.
  static constexpr std::chrono::microseconds kLook{5'000};

  [[nodiscard]] Status find_hands(const std::shared_ptr<Crew>& self) REQUIRES(mutex_);
  void work();
  void watch();

  const std::size_t most_;

  Mutex mutex_;
  Condition work_;   // for workers: a job waits, or the end
  Condition watch_;  // for the watcher while it is asleep: a job waits; or the end
  JobList waiting_ GUARDED_BY(mutex_);
  std::size_t idle_ GUARDED_BY(mutex_) = 0;  // workers that wait for a job
  bool is_watcher_asleep_ GUARDED_BY(mutex_) = false;
  bool stopped_ GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_ GUARDED_BY(mutex_);  // workers, and then the watcher
};

Status Workers::Crew::submit(std::unique_ptr<Job> job, const std::shared_ptr<Crew>& self) {
  const MutexLock lock(mutex_);
  RETURN_IF_ERROR(find_hands(self));
  waiting_.push(std::move(job));
  work_.notify_one();
  if (is_watcher_asleep_) watch_.notify_one();
  return {};
}

// A worker for one more job: an idle one, or a new one as long as there may be more. Where all are at work the job
// waits for them, and the watcher for its time.
Status Workers::Crew::find_hands(const std::shared_ptr<Crew>& self) {
  if (waiting_.size() < idle_ || threads_.size() > most_) return {};
  const bool is_worker = threads_.size() < most_;
  auto started = is_worker ? start_thread("es-worker", [self] { self->work(); })
                           : start_thread("es-watcher", [self] { self->watch(); });
  if (started.ok()) threads_.push_back(std::move(started).value());
  // With one worker everything gets done, in time.
  return threads_.empty() ? std::move(started).status() : Status();
}

void Workers::Crew::work() {
  for (;;) {
    std::unique_ptr<Job> job;
    {
      const MutexLock lock(mutex_);
      ++idle_;
      while (waiting_.empty() && !stopped_) work_.wait(mutex_);
      --idle_;
      if (waiting_.empty()) return;
      job = waiting_.pop();
    }
    job->run();
  }
}

// Without it, a job whose time is over would wait for a worker to be told so.
void Workers::Crew::watch() {
  for (;;) {
    JobList ending;
    {
      const MutexLock lock(mutex_);
      while (waiting_.empty() && !stopped_) {
        is_watcher_asleep_ = true;
        watch_.wait(mutex_);
        is_watcher_asleep_ = false;
      }
      if (stopped_) return;
      waiting_.give_ending(ending);
      if (ending.empty()) static_cast<void>(watch_.wait_for(mutex_, kLook));
    }
    while (const std::unique_ptr<Job> job = ending.pop()) job->run();
  }
}

void Workers::Crew::stop() noexcept {
  std::vector<std::thread> threads;
  {
    const MutexLock lock(mutex_);
    stopped_ = true;
    threads.swap(threads_);
    work_.notify_all();
    watch_.notify_all();
  }
  for (std::thread& thread : threads) {
    thread.get_id() == std::this_thread::get_id() ? thread.detach() : thread.join();
  }
}

Workers::Workers(std::size_t most) : crew_(std::make_shared<Crew>(most)) {}

Status Workers::submit(std::unique_ptr<Job> job) {
  return crew_->submit(std::move(job), crew_);
}

void Workers::stop() noexcept {
  crew_->stop();
}

Status run_apart(const char* name, std::unique_ptr<Job> job) {
  const std::shared_ptr<Job> shared = std::move(job);
  ASSIGN_OR_RETURN(std::thread thread, start_thread(name, [shared] { shared->run(); }));
  thread.detach();
  return {};
}

}  // namespace eventsource::core
