#include "core/base/thread.hpp"

#include <csignal>
#include <pthread.h>
#include <string>
#include <system_error>
#include <utility>

namespace eventsource::core {
namespace {

// All signals are off for the thread that this one starts meanwhile: it inherits the mask.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

Result<std::thread> start_thread(const char* name, std::function<void()> body) {
  const NoSignals no_signals;
  try {
    std::thread thread(std::move(body));
    pthread_setname_np(thread.native_handle(), name);
    return thread;
  } catch (const std::system_error& error) {
    return Error(ES_IO_ERROR, std::string("the system gives no thread: ") + error.what() +
                                  ". End threads that are not needed, or raise the limit (ulimit -u)")
        .retryable();
  }
}

}  // namespace eventsource::core
