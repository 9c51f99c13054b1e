#include "tests/postgres_errors/resolver.hpp"

#include <condition_variable>
#include <dlfcn.h>
#include <mutex>
#include <netdb.h>
#include <string_view>

namespace eventsource::test {
namespace {

std::mutex mutex;
std::condition_variable changed;
bool hangs = false;
int threads = 0;

using GetAddrInfo = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

GetAddrInfo system_resolver() {
  static const auto resolver = reinterpret_cast<GetAddrInfo>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return resolver;
}

void wait_while_it_hangs() {
  std::unique_lock lock(mutex);
  ++threads;
  changed.wait(lock, [] { return !hangs; });
  --threads;
  changed.notify_all();
}

int resolve(const std::string_view name, const char* service, const addrinfo* hints, addrinfo** found) {
  if (name == Resolver::kNobody) return EAI_NONAME;
  if (name.ends_with(Resolver::kName)) wait_while_it_hangs();
  if (name != Resolver::kTwoAddresses) return system_resolver()("127.0.0.1", service, hints, found);
  if (const int error = system_resolver()("127.0.0.2", service, hints, found); error != 0) return error;
  return system_resolver()("127.0.0.1", service, hints, &(*found)->ai_next);
}

}  // namespace

Resolver::Hang::Hang() {
  const std::lock_guard lock(mutex);
  hangs = true;
}

Resolver::Hang::~Hang() {
  std::unique_lock lock(mutex);
  hangs = false;
  changed.notify_all();
  changed.wait(lock, [] { return threads == 0; });
}

int Resolver::waiting() {
  const std::lock_guard lock(mutex);
  return threads;
}

}  // namespace eventsource::test

extern "C" [[gnu::visibility("default")]] int getaddrinfo(const char* name, const char* service, const addrinfo* hints,
                                                          addrinfo** found) {
  using namespace eventsource::test;
  const bool is_number = hints != nullptr && (hints->ai_flags & AI_NUMERICHOST) != 0;
  const bool is_ours = name != nullptr && !is_number && std::string_view(name).ends_with(".test");
  return is_ours ? resolve(name, service, hints, found) : system_resolver()(name, service, hints, found);
}
