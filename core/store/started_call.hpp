// A call that was started on a store: it runs on one of the store's threads and ends in a queue, exactly once.
// Used by one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "core/base/call.hpp"
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

  void run() noexcept final;
  [[nodiscard]] bool must_end() const noexcept final;

 protected:
  // Makes the call and puts what came of it into the completion, which is the one of the constructor.
  virtual void call(Store& store, const CallOptions& options, Completion& completion) noexcept = 0;

 private:
  CallOptions options_;
  std::shared_ptr<CompletionQueue> queue_;
  std::unique_ptr<Completion> completion_;
  std::optional<Admission> admission_;  // goes first
};

}  // namespace eventsource::core
