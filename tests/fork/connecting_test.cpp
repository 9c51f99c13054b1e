// A fork in the middle of connecting to a server: the child has no copy of a socket that is not known yet. This program's
// connect goes before the system's, also for libpq, and lets a test fork right behind it.
#include <arpa/inet.h>
#include <cerrno>
#include <condition_variable>
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <mutex>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include "eventsource/eventsource.hpp"

#include "tests/fork/process.hpp"

namespace fork_test {
namespace {

// Where the next connect stops, until the test has forked. A fork may have to wait for it: it does not stop for ever.
class Stop {
 public:
  void set() {
    const std::lock_guard lock(mutex_);
    is_set_ = true;
  }
  void wait_until_reached() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_reached_; });
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    is_left_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    if (!std::exchange(is_set_, false)) return;
    is_reached_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, std::chrono::seconds(1), [this] { return is_left_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_set_ = false;
  bool is_reached_ = false;
  bool is_left_ = false;
};

Stop stop;

// A port of 127.0.0.1 where connections are made and never answered.
class SilentPort {
 public:
  SilentPort() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    auto* const plain = reinterpret_cast<sockaddr*>(&address_);
    EXPECT_EQ(bind(socket_, plain, size), 0);
    EXPECT_EQ(listen(socket_, 16), 0);
    EXPECT_EQ(getsockname(socket_, plain, &size), 0);
  }
  ~SilentPort() { close(socket_); }
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;

  [[nodiscard]] std::string url() const {
    return "postgresql://ann@127.0.0.1:" + std::to_string(ntohs(address_.sin_port)) + "/orders";
  }
  // Descriptors of this process that are connections to it.
  [[nodiscard]] int connections() const {
    int count = 0;
    for (int descriptor = 0; descriptor < 1024; ++descriptor) {
      sockaddr_in peer{};
      socklen_t size = sizeof peer;
      if (getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
      count += peer.sin_family == AF_INET && peer.sin_port == address_.sin_port ? 1 : 0;
    }
    return count;
  }

 private:
  int socket_;
  sockaddr_in address_{};
};

TEST(Connecting, AChildHasNoCopyOfASocketThatIsNew) {
  const SilentPort port;
  EXPECT_EQ(in_process([&]() -> std::string {
              const auto cancel = eventsource::Cancel::create().value();
              stop.set();
              std::thread opening([&] {
                static_cast<void>(eventsource::Store::open(port.url(), {}, {.timeout = kPatience, .cancel = cancel}));
              });
              stop.wait_until_reached();
              Process child([&]() -> std::string {
                return port.connections() == 0 ? "" : "the child has a copy of its parent's socket";
              });
              stop.leave();
              std::string wrong = child.end();
              if (port.connections() != 1) wrong += "the parent has no socket: nothing was tested";
              cancel.fire();
              opening.join();
              return wrong;
            }),
            "");
}

}  // namespace

void pass_stop() {
  stop.pass();
}

}  // namespace fork_test

extern "C" [[gnu::visibility("default")]] int connect(int descriptor, const sockaddr* address, socklen_t size) {
  using Connect = int (*)(int, const sockaddr*, socklen_t);
  static const auto system_connect = reinterpret_cast<Connect>(dlsym(RTLD_NEXT, "connect"));
  const int result = system_connect(descriptor, address, size);
  const int error = errno;
  fork_test::pass_stop();
  errno = error;
  return result;
}
