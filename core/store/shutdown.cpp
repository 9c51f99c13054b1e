#include "core/store/shutdown.hpp"

#include <string>
#include <utility>

#include "core/store/store.hpp"

namespace eventsource::core {

Closing::Closing(Store& store, std::unique_ptr<Backend> backend) : store_(store), backend_(std::move(backend)) {
  store_.loop_.stop();
}

Closing::~Closing() {
  backend_.reset();
  const MutexLock lock(store_.mutex_);
  store_.closing_ = false;
  store_.idle_.notify_all();
}

ShutdownCall::ShutdownCall(Store& store, std::int64_t timeout_ms)
    : store_(store), timeout_ms_(timeout_ms), deadline_(timeout_ms) {
  const MutexLock lock(store_.mutex_);
  ++store_.waiting_;
}

ShutdownCall::~ShutdownCall() {
  std::unique_ptr<Backend> over;
  {
    const MutexLock lock(store_.mutex_);
    --store_.waiting_;
    // The last call may have left it to this shutdown, after it had given up.
    over = store_.take_if_over();
  }
  store_.close(std::move(over));
}

void ShutdownCall::refuse_calls() {
  const MutexLock lock(store_.mutex_);
  store_.closed_ = true;
}

Status ShutdownCall::finish() {
  ASSIGN_OR_RETURN(std::unique_ptr<Backend> backend, wait_for_calls());
  if (backend == nullptr) return {};
  // Outside of the mutex: folding the log in can take a while, and whoever asks meanwhile is told that it is closed.
  const Closing closing(store_, std::move(backend));
  RETURN_IF_ERROR(closing.backend().shutdown());
  store_.telemetry_->log.write(LogLevel::kInfo, "store shut down", {{"url", store_.url_}});
  return {};
}

Result<std::unique_ptr<Backend>> ShutdownCall::wait_for_calls() {
  std::int64_t running = 0;
  {
    const MutexLock lock(store_.mutex_);
    store_.closed_ = true;
    while (store_.visits_ != 0 || store_.closing_) {
      // Calls whose end can be seen already are as good as gone.
      const bool gives_up = store_.visits_ != store_.leaving_ || store_.closing_;
      if (!gives_up) {
        store_.idle_.wait(store_.mutex_);
        continue;
      }
      const auto left = deadline_.left();
      if (left.count() <= 0) break;
      static_cast<void>(store_.idle_.wait_for(store_.mutex_, left));
    }
    running = store_.visits_;
    if (running == 0 && !store_.closing_) {
      store_.closing_ = store_.backend_ != nullptr;
      return std::move(store_.backend_);
    }
  }
  const std::string who =
      running == 0 ? "the store was still being closed" : std::to_string(running) + " calls were still running";
  return Error(ES_TIMEOUT, who + " after " + std::to_string(timeout_ms_) +
                               " ms: the store takes no new ones, and closes after them")
      .retryable();
}

}  // namespace eventsource::core
