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

void StartedCall::run() noexcept {
  call(admission_->store(), options_, *completion_);
  // First the completion, then the end of the call: after a shutdown all completions are there. And a shutdown that
  // somebody makes on seeing this one does not find the call still running.
  admission_->announce_leave();
  queue_->post(std::move(completion_));
  admission_.reset();
}

bool StartedCall::must_end() const noexcept {
  return core::must_end(options_, admission_->store().environment());
}

}  // namespace eventsource::core
