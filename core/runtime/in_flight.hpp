// How many calls of a store are in flight, and no more than it takes: counted from the start of a call until its
// completion was taken or dropped, so that results which nobody takes can't fill the memory.
// Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "core/base/metrics.hpp"
#include "core/base/result.hpp"

namespace eventsource::core {

class InFlight {
 public:
  InFlight(std::int64_t most, std::shared_ptr<Metrics> metrics) : most_(most), metrics_(std::move(metrics)) {}

  // One call's place, given back at the end of its scope. An empty one gives nothing back.
  class Place {
   public:
    Place() noexcept = default;
    explicit Place(std::shared_ptr<InFlight> of) noexcept : of_(std::move(of)) { of_->metrics_->calls_in_flight.add(); }
    ~Place() {
      if (of_ == nullptr) return;
      if (is_over_) of_->metrics_->waiting_completions.take();
      of_->metrics_->calls_in_flight.take();
      of_->count_.fetch_sub(1, std::memory_order_relaxed);
    }
    Place(Place&&) noexcept = default;
    Place& operator=(Place&& other) noexcept {
      std::swap(of_, other.of_);
      std::swap(is_over_, other.is_over_);
      return *this;
    }

    // The call has ended: from now on its completion waits. Once, of a place that is not empty.
    void call_is_over() noexcept {
      is_over_ = true;
      of_->metrics_->waiting_completions.add();
    }

   private:
    std::shared_ptr<InFlight> of_;
    bool is_over_ = false;
  };

  // A place for one more call: ES_BUSY where there is none.
  [[nodiscard]] static Result<Place> enter(const std::shared_ptr<InFlight>& of) {
    if (of->count_.fetch_add(1, std::memory_order_relaxed) < of->most_) return Place(of);
    of->count_.fetch_sub(1, std::memory_order_relaxed);
    return Error(ES_BUSY, std::to_string(of->most_) +
                              " calls of the store are in flight, as many as option max_in_flight allows; this one "
                              "was not started. Take completions out of their queue, then start it again")
        .detail("limit", of->most_)
        .retryable();
  }

 private:
  const std::int64_t most_;
  const std::shared_ptr<Metrics> metrics_;
  std::atomic<std::int64_t> count_{0};
};

}  // namespace eventsource::core
