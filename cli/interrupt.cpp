// The handlers behind the flag.
#include "cli/interrupt.hpp"

#include <csignal>

namespace eventsource::cli {
namespace {

volatile std::sig_atomic_t received = 0;

void remember(int signal) {
  received = signal;
}

void set_handler(int signal, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  // No SA_RESTART: a read that waits for input ends with EINTR, and the flag is looked at.
  action.sa_flags = handler == SIG_DFL ? 0 : static_cast<int>(SA_RESETHAND);
  sigaction(signal, &action, nullptr);
}

}  // namespace

Interrupt::Interrupt() {
  received = 0;
  set_handler(SIGINT, remember);
  set_handler(SIGTERM, remember);
}

Interrupt::~Interrupt() {
  set_handler(SIGINT, SIG_DFL);
  set_handler(SIGTERM, SIG_DFL);
}

int Interrupt::signal() noexcept {
  return received;
}

}  // namespace eventsource::cli
