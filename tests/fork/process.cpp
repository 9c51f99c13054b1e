#include "tests/fork/process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace fork_test {
namespace {

constexpr int kFailed = 1;

bool becomes_readable(int descriptor, std::chrono::milliseconds patience) {
  pollfd one{descriptor, POLLIN, 0};
  int ready = 0;
  do ready = poll(&one, 1, static_cast<int>(patience.count()));
  while (ready < 0 && errno == EINTR);
  return ready > 0;
}

bool ends_in_time(pid_t process, std::chrono::milliseconds patience) {
  const int descriptor = static_cast<int>(syscall(SYS_pidfd_open, process, 0));
  if (descriptor < 0) std::abort();
  const bool in_time = becomes_readable(descriptor, patience);
  close(descriptor);
  return in_time;
}

void say(const std::string& what) {
  const std::string line = what + "\n";
  // In one piece, past the buffers that the parent's threads may hold.
  if (write(STDERR_FILENO, line.data(), line.size()) < 0) std::abort();
}

}  // namespace

Process::Process(const Work& work, bool leads) : leads_(leads) {
  std::fflush(nullptr);
  id_ = fork();
  if (id_ < 0) std::abort();
  if (id_ != 0) return;
  if (leads) setpgid(0, 0);
  const std::string wrong = work();
  if (!wrong.empty()) say(wrong);
  _exit(wrong.empty() ? 0 : kFailed);
}

Process::Process(Process&& other) noexcept : id_(std::exchange(other.id_, 0)), leads_(other.leads_) {}

Process::~Process() {
  kill();
}

void Process::kill() {
  if (id_ == 0) return;
  ::kill(leads_ ? -id_ : id_, SIGKILL);
  ::kill(id_, SIGKILL);
  static_cast<void>(wait());
}

int Process::wait() {
  int status = 0;
  while (waitpid(id_, &status, 0) < 0 && errno == EINTR) {
  }
  id_ = 0;
  return status;
}

std::string Process::end(std::chrono::seconds patience) {
  const std::string who = "process " + std::to_string(id_);
  if (!ends_in_time(id_, patience)) {
    kill();
    return who + " hangs: it had not ended after " + std::to_string(patience.count()) + " s and was killed";
  }
  const int status = wait();
  if (WIFSIGNALED(status)) return who + " was ended by signal " + std::to_string(WTERMSIG(status));
  return WEXITSTATUS(status) == 0 ? "" : who + " failed, and said why";
}

std::string in_process(const Work& work, std::chrono::seconds patience) {
  return Process(work, true).end(patience);
}

Signal::Signal() {
  if (pipe(ends_) != 0) std::abort();
}

Signal::~Signal() {
  close(ends_[0]);
  close(ends_[1]);
}

void Signal::give() const {
  if (write(ends_[1], "x", 1) != 1) std::abort();
}

bool Signal::take() const {
  char byte = 0;
  return becomes_readable(ends_[0], kPatience) && read(ends_[0], &byte, 1) == 1;
}

}  // namespace fork_test
