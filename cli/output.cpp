// Writing it all, or saying why not.
#include "cli/output.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <unistd.h>

#include "cli/failure.hpp"

namespace eventsource::cli {
namespace {

// Ends the program the way SIGPIPE does, so that a shell sees 141 and prints nothing. The signal is ignored elsewhere:
// a progress line without a reader must not end an import.
[[noreturn]] void end_by_broken_pipe() {
  std::signal(SIGPIPE, SIG_DFL);
  std::raise(SIGPIPE);
  _exit(128 + SIGPIPE);
}

}  // namespace

void Output::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      end_by_broken_pipe();
    } else if (errno != EINTR) {
      const std::string why = std::strerror(errno);
      buffer_.clear();
      throw Failure(kExitUnavailable, name_ + " can't be written: " + why);
    }
  }
  buffer_.clear();
}

void say(std::string_view text) {
  std::string line(text);
  line += '\n';
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, rest.data(), rest.size());
    if (written < 0 && errno != EINTR) return;
    if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace eventsource::cli
