#include "core/base/environment.hpp"

#include <cerrno>
#include <sys/random.h>
#include <time.h>

namespace eventsource::core {
namespace {

std::int64_t read_clock(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1'000;
}

class SystemEnvironment final : public Environment {
 public:
  std::int64_t wall_us() override { return read_clock(CLOCK_REALTIME); }
  std::int64_t steady_us() override { return read_clock(CLOCK_MONOTONIC); }

  Status random(std::span<std::uint8_t> bytes) override {
    while (!bytes.empty()) {
      const ssize_t got = getrandom(bytes.data(), bytes.size(), 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return Error(ES_INTERNAL, "the system gave no random bytes (getrandom failed)");
      bytes = bytes.subspan(static_cast<std::size_t>(got));
    }
    return {};
  }

  void pause_us(std::int64_t us) override {
    const timespec time{us / 1'000'000, (us % 1'000'000) * 1'000};
    nanosleep(&time, nullptr);
  }
};

// There at every time: a host may still use a store while its own static objects are torn down.
constinit SystemEnvironment environment;

}  // namespace

Environment& system_environment() {
  return environment;
}

}  // namespace eventsource::core
