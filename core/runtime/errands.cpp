#include "core/runtime/errands.hpp"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <thread>
#include <utility>

#include "core/base/mutex.hpp"
#include "core/base/thread.hpp"

namespace eventsource::core {

namespace {

// Threads of each kind, in the order of Scheduler::Errand: some that connect, as a host may take its time to be there or not;
// one for what lasts; one writer, as a database that blocks has one at a time; and readers, enough that a long read does not
// hold up the others.
constexpr std::array<std::size_t, 4> kMostThreads = {4, 1, 1, 4};

// So many may wait before any is looked at again.
constexpr std::size_t kFewest = 64;

}  // namespace

// What waits for the threads of one kind.
class Errands::Line {
 public:
  explicit Line(std::size_t most) : most_(most) {}

  void run(std::function<void()> work, std::weak_ptr<const void> owner, const std::shared_ptr<Line>& self);
  void stop() noexcept;

 private:
  struct Work {
    std::function<void()> run;
    std::weak_ptr<const void> owner;
  };

  void work_off();
  void push(Work work) REQUIRES(mutex_);

  const std::size_t most_;
  Mutex mutex_;
  Condition changed_;
  std::deque<Work> waiting_ GUARDED_BY(mutex_);
  std::size_t look_at_ GUARDED_BY(mutex_) = kFewest;  // so many are looked through for those whose owner is gone
  std::size_t threads_ GUARDED_BY(mutex_) = 0;
  std::size_t idle_ GUARDED_BY(mutex_) = 0;
  bool is_stopped_ GUARDED_BY(mutex_) = false;
};

void Errands::Line::push(Work work) {
  if (waiting_.size() >= look_at_) {
    std::erase_if(waiting_, [](const Work& one) { return one.owner.expired(); });
    look_at_ = std::max(kFewest, 2 * waiting_.size());
  }
  waiting_.push_back(std::move(work));
}

void Errands::Line::run(std::function<void()> work, std::weak_ptr<const void> owner,
                        const std::shared_ptr<Line>& self) {
  {
    const MutexLock lock(mutex_);
    if (waiting_.size() >= idle_ && threads_ < most_) {
      Result<std::thread> thread = start_thread("es-errand", [self] { self->work_off(); });
      if (thread.ok()) {
        std::move(thread).value().detach();
        ++threads_;
      }
    }
    if (threads_ != 0) {
      push({std::move(work), std::move(owner)});
      changed_.notify_one();
      return;
    }
  }
  work();
}

void Errands::Line::work_off() {
  for (;;) {
    std::function<void()> work;
    {
      const MutexLock lock(mutex_);
      ++idle_;
      while (waiting_.empty() && !is_stopped_) changed_.wait(mutex_);
      --idle_;
      if (waiting_.empty()) return;
      work = std::move(waiting_.front().run);
      waiting_.pop_front();
    }
    work();
  }
}

void Errands::Line::stop() noexcept {
  const MutexLock lock(mutex_);
  is_stopped_ = true;
  changed_.notify_all();
}

Errands::Errands() {
  static_assert(kMostThreads.size() == kKinds);
  for (std::size_t i = 0; i < kKinds; ++i) lines_[i] = std::make_shared<Line>(kMostThreads[i]);
}

void Errands::run(Scheduler::Errand kind, std::function<void()> work, std::weak_ptr<const void> owner) {
  const std::shared_ptr<Line>& line = lines_[static_cast<std::size_t>(kind)];
  line->run(std::move(work), std::move(owner), line);
}

void Errands::stop() noexcept {
  for (const std::shared_ptr<Line>& line : lines_) line->stop();
}

}  // namespace eventsource::core
