#include "core/runtime/loop.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <functional>
#include <poll.h>
#include <set>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "core/base/mutex.hpp"
#include "core/base/thread.hpp"
#include "core/runtime/errands.hpp"

namespace eventsource::core {

namespace {

// For `size` elements, twice as many each time.
template <typename T>
void make_room(std::vector<T>& list, std::size_t size) {
  if (list.capacity() < size) list.reserve(std::max(size, 2 * list.capacity()));
}

}  // namespace

// What the thread and those who talk to it share. The members without a guard belong to the thread.
class Loop::Thread final : public Scheduler {
 public:
  explicit Thread(Environment& environment) : environment_(environment) {}
  ~Thread() override {
    if (signal_ >= 0) close(signal_);
  }

  [[nodiscard]] Status submit(std::unique_ptr<Job> job, const std::shared_ptr<Thread>& self);
  void stop() noexcept;

  void put_aside(Wait& wait) override;
  void wake(Wait& wait) noexcept override;
  void run_aside(Errand kind, std::function<void()> work, std::weak_ptr<const void> owner) override;

 private:
  struct Earlier {
    bool operator()(const Wait* a, const Wait* b) const {
      return a->until_us() != b->until_us() ? a->until_us() < b->until_us() : a < b;
    }
  };

  [[nodiscard]] Status start(const std::shared_ptr<Thread>& self) REQUIRES(mutex_);
  void signal() noexcept REQUIRES(mutex_);
  void run();
  // False: the end.
  [[nodiscard]] bool take_what_came();
  void begin(JobList& jobs);
  void go_on_all(Wait* woken);
  void sleep();
  void look_at_sockets(std::size_t ready);
  void look_at_the_clock();
  // Whether it is this that wakes it: somebody else may be about to.
  [[nodiscard]] bool claim(Wait& wait);
  void go_on(Wait& wait);
  [[nodiscard]] std::int64_t sleep_us() const;

  Environment& environment_;
  std::set<Wait*, Earlier> timed_;
  std::vector<Wait*> on_sockets_;
  std::vector<pollfd> polled_;  // one for each of those, and the signal in front
  std::vector<Wait*> ready_;    // has room for all of those

  Mutex mutex_;
  int signal_ GUARDED_BY(mutex_) = -1;
  std::thread thread_ GUARDED_BY(mutex_);
  JobList jobs_ GUARDED_BY(mutex_);
  Wait* woken_ GUARDED_BY(mutex_) = nullptr;  // a list, the last one first
  bool is_asleep_ GUARDED_BY(mutex_) = false;
  bool is_stopped_ GUARDED_BY(mutex_) = false;
  Errands errands_;
};

Status Loop::Thread::submit(std::unique_ptr<Job> job, const std::shared_ptr<Thread>& self) {
  const MutexLock lock(mutex_);
  if (!thread_.joinable()) RETURN_IF_ERROR(start(self));
  jobs_.push(std::move(job));
  signal();
  return {};
}

Status Loop::Thread::start(const std::shared_ptr<Thread>& self) {
  if (signal_ < 0) signal_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (signal_ < 0) {
    return Error(ES_IO_ERROR,
                 "the system gives no descriptor for the I/O loop: close what is not needed, or raise the limit "
                 "(ulimit -n)")
        .retryable();
  }
  if (polled_.empty()) polled_.push_back({signal_, POLLIN, 0});
  ASSIGN_OR_RETURN(thread_, start_thread("es-loop", [self] { self->run(); }));
  return {};
}

// Only who sleeps has to be called.
void Loop::Thread::signal() noexcept {
  if (!std::exchange(is_asleep_, false)) return;
  static_cast<void>(eventfd_write(signal_, 1));
}

void Loop::Thread::wake(Wait& wait) noexcept {
  const MutexLock lock(mutex_);
  if (std::exchange(wait.place.is_woken, true)) return;
  wait.place.next_woken = std::exchange(woken_, &wait);
  signal();
}

void Loop::Thread::put_aside(Wait& wait) {
  // Whatever needs memory comes first: a wait is put aside as a whole or not at all, and to go on needs none.
  if (wait.socket() != Wait::Socket::kNone) {
    make_room(on_sockets_, on_sockets_.size() + 1);
    make_room(polled_, polled_.size() + 1);
    make_room(ready_, on_sockets_.size() + 1);
  }
  if (wait.until_us() != Call::kNever) timed_.insert(&wait);
  if (wait.socket() == Wait::Socket::kNone) return;
  wait.place.index = on_sockets_.size();
  on_sockets_.push_back(&wait);
  const bool writes = wait.socket() == Wait::Socket::kWritable;
  polled_.push_back({wait.descriptor(), static_cast<short>(writes ? POLLIN | POLLOUT : POLLIN), 0});
}

bool Loop::Thread::claim(Wait& wait) {
  const MutexLock lock(mutex_);
  return !std::exchange(wait.place.is_woken, true);
}

void Loop::Thread::go_on(Wait& wait) {
  if (wait.until_us() != Call::kNever) timed_.erase(&wait);
  if (wait.socket() != Wait::Socket::kNone) {
    // The last takes its place.
    const std::size_t index = wait.place.index;
    on_sockets_.back()->place.index = index;
    on_sockets_[index] = on_sockets_.back();
    on_sockets_.pop_back();
    polled_[index + 1] = polled_.back();
    polled_.pop_back();
  }
  wait.go_on();
}

void Loop::Thread::run_aside(Errand kind, std::function<void()> work, std::weak_ptr<const void> owner) {
  errands_.run(kind, std::move(work), std::move(owner));
}

void Loop::Thread::run() {
  while (take_what_came()) {
    sleep();
    look_at_the_clock();
  }
}

bool Loop::Thread::take_what_came() {
  for (bool may_sleep = false;;) {
    JobList jobs;
    Wait* woken = nullptr;
    {
      const MutexLock lock(mutex_);
      woken = std::exchange(woken_, nullptr);
      jobs.swap(jobs_);
      const bool is_idle = woken == nullptr && jobs.empty();
      if (is_idle && (may_sleep || is_stopped_)) {
        is_asleep_ = !is_stopped_;
        return !is_stopped_;
      }
      may_sleep = is_idle;
    }
    // Whoever takes completions on this core starts its next calls now, all of them: one by one, each would wake this
    // thread.
    if (may_sleep) std::this_thread::yield();
    begin(jobs);
    go_on_all(woken);
  }
}

void Loop::Thread::begin(JobList& jobs) {
  while (std::unique_ptr<Job> job = jobs.pop()) {
    Job& begun = *job;
    begun.run(std::move(job), this);
  }
}

// In the order in which they were woken. After the calls that begin, so that an append that is to take others along finds
// them.
void Loop::Thread::go_on_all(Wait* woken) {
  Wait* first = nullptr;
  while (woken != nullptr) first = std::exchange(woken, std::exchange(woken->place.next_woken, first));
  while (first != nullptr) go_on(*std::exchange(first, first->place.next_woken));
}

std::int64_t Loop::Thread::sleep_us() const {
  if (timed_.empty()) return Call::kNever;
  return std::max<std::int64_t>((*timed_.begin())->until_us() - environment_.steady_us(), 0);
}

void Loop::Thread::sleep() {
  const std::int64_t us = sleep_us();
  const timespec limit{us / 1'000'000, us % 1'000'000 * 1'000};
  const int ready = ppoll(polled_.data(), polled_.size(), us == Call::kNever ? nullptr : &limit, nullptr);
  {
    const MutexLock lock(mutex_);
    is_asleep_ = false;
  }
  if (ready > 0) look_at_sockets(static_cast<std::size_t>(ready));
}

void Loop::Thread::look_at_sockets(std::size_t ready) {
  if (polled_.front().revents != 0) {
    eventfd_t count = 0;
    static_cast<void>(eventfd_read(polled_.front().fd, &count));
    --ready;
  }
  // Going on with one changes the lists.
  ready_.clear();
  for (std::size_t i = 0; i < on_sockets_.size() && ready > 0; ++i) {
    if (polled_[i + 1].revents == 0) continue;
    --ready;
    if (claim(*on_sockets_[i])) ready_.push_back(on_sockets_[i]);
  }
  // By its index: the list may move, when more room is made for it.
  for (std::size_t i = 0; i < ready_.size(); ++i) go_on(*ready_[i]);
}

void Loop::Thread::look_at_the_clock() {
  const std::int64_t now_us = environment_.steady_us();
  while (!timed_.empty() && (*timed_.begin())->until_us() <= now_us) {
    Wait& wait = **timed_.begin();
    // It is in the list of those woken: it goes on from there.
    if (!claim(wait)) break;
    go_on(wait);
  }
}

void Loop::Thread::stop() noexcept {
  std::thread thread;
  {
    const MutexLock lock(mutex_);
    is_stopped_ = true;
    thread.swap(thread_);
    signal();
  }
  if (thread.joinable()) thread.get_id() == std::this_thread::get_id() ? thread.detach() : thread.join();
  errands_.stop();
}

Loop::Loop(Environment& environment) : thread_(std::make_shared<Thread>(environment)) {}

Status Loop::submit(std::unique_ptr<Job> job) {
  return thread_->submit(std::move(job), thread_);
}

void Loop::stop() noexcept {
  thread_->stop();
}

}  // namespace eventsource::core
