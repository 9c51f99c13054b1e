// A call that was started on a store: it runs on the store's I/O loop and ends in a queue, exactly once.
// Used by one thread at a time.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "core/base/call.hpp"
#include "core/base/task.hpp"
#include "core/runtime/completion_queue.hpp"
#include "core/runtime/in_flight.hpp"
#include "core/runtime/job.hpp"

namespace eventsource::core {

class Store;

// What a started call holds of its store: it is one of the calls under way from its start on, and the store stays there,
// and open although it is shut down meanwhile.
class Admission {
 public:
  // Of a call that the store has counted.
  explicit Admission(std::shared_ptr<Store> store) noexcept : store_(std::move(store)) {}
  ~Admission();
  Admission(Admission&& other) noexcept : store_(std::move(other.store_)), is_announced_(other.is_announced_) {}
  Admission& operator=(Admission&&) = delete;

  [[nodiscard]] Store& store() const { return *store_; }
  // Before the end of the call is seen.
  void announce_leave();

 private:
  std::shared_ptr<Store> store_;
  bool is_announced_ = false;
};

class StartedCall : public Job {
 public:
  StartedCall(CallOptions options, std::shared_ptr<CompletionQueue> queue, std::unique_ptr<Completion> completion);

  // The store took the call; its time counts from `start_us`.
  void admit(Admission admission, std::int64_t start_us, InFlight::Place place);

  void run(std::unique_ptr<Job> self, Scheduler* scheduler) noexcept final;

 protected:
  // How a call came out: its status, or what it has thrown.
  struct End {
    Status status;
    std::exception_ptr exception;

    [[nodiscard]] Status take() {
      if (exception) std::rethrow_exception(exception);
      return std::move(status);
    }
  };

  // Makes the call and puts its result into the completion, which is the one of the constructor.
  [[nodiscard]] virtual Task<Status> call(Store& store, const CallOptions& options, Completion& completion) = 0;
  // Puts there how it ended. Needs no memory but for an error.
  virtual void finish(Completion& completion, End& end) noexcept = 0;

 private:
  struct Driven;

  // Takes the job, which is a StartedCall, and runs on by itself.
  static Driven drive(std::unique_ptr<Job>& job);
  void complete(End& end) noexcept;

  CallOptions options_;
  std::shared_ptr<CompletionQueue> queue_;
  std::unique_ptr<Completion> completion_;
  std::optional<Admission> admission_;  // goes first
};

}  // namespace eventsource::core
