// The end of a store: waiting for the calls under way, and closing what is below.
// Used by one thread at a time.
#pragma once

#include <cstdint>
#include <memory>

#include "core/backend/backend.hpp"
#include "core/base/deadline.hpp"
#include "core/base/result.hpp"

namespace eventsource::core {

class Store;

// The end of the threads and of the backend, outside of the store's mutex. closing_ was set: until this is over, no
// shutdown returns.
class Closing {
 public:
  Closing(Store& store, std::unique_ptr<Backend> backend);
  ~Closing();
  Closing(const Closing&) = delete;
  Closing& operator=(const Closing&) = delete;

  [[nodiscard]] Backend& backend() const { return *backend_; }

 private:
  Store& store_;
  std::unique_ptr<Backend> backend_;
};

// A shutdown, from when it is announced: while it is there, no call that it will wait for closes the backend itself.
class ShutdownCall {
 public:
  // After Store::check_shutdown. The time counts from here; -1 is without limit. The store outlives the call, or is kept by it.
  ShutdownCall(Store& store, std::int64_t timeout_ms);
  ShutdownCall(const std::shared_ptr<Store>& store, std::int64_t timeout_ms) : ShutdownCall(*store, timeout_ms) {
    kept_ = store;
  }
  ~ShutdownCall();
  ShutdownCall(const ShutdownCall&) = delete;
  ShutdownCall& operator=(const ShutdownCall&) = delete;

  // From here on the store takes no new call.
  void refuse_calls();
  // The same, and waits for the calls under way, and closes the backend: ES_TIMEOUT.
  [[nodiscard]] Status finish();

 private:
  // Waits, and takes what is to be closed: nullptr where it was closed before.
  [[nodiscard]] Result<std::unique_ptr<Backend>> wait_for_calls();

  std::shared_ptr<Store> kept_;
  Store& store_;
  const std::int64_t timeout_ms_;
  const Deadline deadline_;
};

}  // namespace eventsource::core
