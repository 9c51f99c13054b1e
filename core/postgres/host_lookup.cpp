#include "core/postgres/host_lookup.hpp"

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <map>
#include <netdb.h>
#include <new>
#include <thread>
#include <utility>

#include "core/base/fork.hpp"
#include "core/base/mutex.hpp"
#include "core/base/thread.hpp"

namespace eventsource::core::postgres {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* list) const noexcept { freeaddrinfo(list); }
};

HostLookup::Found look_up(const std::string& name) {
  // As libpq asks.
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(name.c_str(), nullptr, &wanted, &list);
  HostLookup::Found found;
  if (error != 0) {
    found.error = error == EAI_SYSTEM ? std::strerror(errno) : gai_strerror(error);
    return found;
  }
  const std::unique_ptr<addrinfo, FreeAddresses> held(list);
  for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(one->ai_addr, one->ai_addrlen, &text[0], sizeof text, nullptr, 0, NI_NUMERICHOST) != 0) continue;
    found.addresses.emplace_back(&text[0]);
  }
  if (found.addresses.empty()) found.error = "it has no address";
  return found;
}

}  // namespace

// Guarded by the mutex of All; `found` belongs to whoever waits once it is done.
struct HostLookup::UnderWay {
  std::vector<Wake*> waiting;
  Found found;
  bool is_done = false;
};

// Those of this process that are under way. What its parent had under way goes by another number: it never ends here.
class HostLookup::All {
 public:
  static All& instance() {
    const NoFork no_fork;
    // Never destroyed: a look-up may outlive the static objects of its host.
    alignas(All) static std::byte place[sizeof(All)];
    static All& all = *new (&place) All;
    return all;
  }

  // Whether it is the first to ask.
  [[nodiscard]] bool join(HostLookup& lookup) {
    const auto begun = std::make_shared<UnderWay>();
    const NoFork no_fork;
    const MutexLock lock(mutex_);
    const auto [place, is_first] = by_name_.try_emplace({fork_generation(), lookup.name_}, begun);
    lookup.lookup_ = place->second;
    try {
      lookup.lookup_->waiting.push_back(&lookup.wake_);
    } catch (...) {
      if (is_first) by_name_.erase(place);
      throw;
    }
    return is_first;
  }
  void leave(HostLookup& lookup) noexcept {
    const NoFork no_fork;
    const MutexLock lock(mutex_);
    std::erase(lookup.lookup_->waiting, &lookup.wake_);
  }
  void end(UnderWay& lookup, Found found) noexcept {
    const NoFork no_fork;
    const MutexLock lock(mutex_);
    lookup.found = std::move(found);
    lookup.is_done = true;
    for (Wake* const wake : lookup.waiting) wake->raise();
    std::erase_if(by_name_, [&lookup](const auto& place) { return place.second.get() == &lookup; });
  }
  [[nodiscard]] bool is_done(const UnderWay& lookup) {
    const NoFork no_fork;
    const MutexLock lock(mutex_);
    return lookup.is_done;
  }

 private:
  Mutex mutex_;  // only inside of a NoFork
  std::map<std::pair<std::uint64_t, std::string>, std::shared_ptr<UnderWay>> by_name_ GUARDED_BY(mutex_);
};

HostLookup::HostLookup(std::string name, Wake& wake) : name_(std::move(name)), wake_(wake) {
  All& all = All::instance();
  if (!all.join(*this)) return;
  const auto run = [&all, name = name_, lookup = lookup_] {
    Found found;
    try {
      found = look_up(name);
    } catch (const std::bad_alloc&) {
      found.is_out_of_memory = true;
    }
    all.end(*lookup, std::move(found));
  };
  try {
    Result<std::thread> thread = start_thread("es-lookup", run);
    if (thread.ok()) {
      std::move(thread).value().detach();
    } else {
      run();
    }
  } catch (...) {
    // Who has joined meanwhile must not wait for it.
    Found nothing;
    nothing.is_out_of_memory = true;
    all.end(*lookup_, std::move(nothing));
    throw;
  }
}

HostLookup::~HostLookup() {
  All::instance().leave(*this);
}

const HostLookup::Found* HostLookup::found() const {
  return All::instance().is_done(*lookup_) ? &lookup_->found : nullptr;
}

}  // namespace eventsource::core::postgres
