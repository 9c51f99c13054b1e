#include "core/store/started_call.hpp"

#include <utility>

#include "core/store/store.hpp"

namespace eventsource::core {

Admission::~Admission() {
  if (store_ != nullptr) store_->leave(is_announced_);
}

void Admission::announce_leave() {
  store_->announce_leave();
  is_announced_ = true;
}

StartedCall::StartedCall(CallOptions options, std::shared_ptr<CompletionQueue> queue,
                         std::unique_ptr<Completion> completion)
    : options_(std::move(options)), queue_(std::move(queue)), completion_(std::move(completion)) {}

void StartedCall::admit(Admission admission, std::int64_t start_us, InFlight::Place place) {
  admission_.emplace(std::move(admission));
  options_.is_admitted = true;
  options_.start_us = start_us;
  completion_->place = std::move(place);
}

// A coroutine that nobody waits for.
struct StartedCall::Driven {
  struct promise_type {
    Driven get_return_object() noexcept { return {}; }
    [[nodiscard]] std::suspend_never initial_suspend() const noexcept { return {}; }
    [[nodiscard]] std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    // Everything that can be thrown is in the End.
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

StartedCall::Driven StartedCall::drive(std::unique_ptr<Job>& job) {
  // Only once there is a coroutine that frees it.
  auto* const self = static_cast<StartedCall*>(job.release());
  const std::unique_ptr<Job> kept(self);
  End end;
  try {
    end.status = co_await self->call(self->admission_->store(), self->options_, *self->completion_);
  } catch (...) {
    end.exception = std::current_exception();
  }
  self->complete(end);
}

void StartedCall::run(std::unique_ptr<Job> self, Scheduler* scheduler) noexcept {
  options_.scheduler = scheduler;
  try {
    drive(self);
  } catch (...) {
    // No memory for the coroutine.
    End end{{}, std::current_exception()};
    complete(end);
  }
}

void StartedCall::complete(End& end) noexcept {
  finish(*completion_, end);
  // First the completion, then the end of the call: after a shutdown all completions are there. And a shutdown that
  // somebody makes on seeing this one does not find the call still running.
  admission_->announce_leave();
  completion_->place.call_is_over();
  queue_->post(std::move(completion_));
  admission_.reset();
}

}  // namespace eventsource::core
