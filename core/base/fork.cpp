#include "core/base/fork.hpp"

#include <atomic>
#include <cstddef>
#include <ctime>
#include <pthread.h>

#include "core/base/defect.hpp"

// The gate is a count of those inside, spread so that threads rarely share a cache line, and a flag that a fork is waiting.
// Whoever comes in counts itself first and looks at the flag then, a fork raises the flag first and looks at the counts then:
// in the one order of these operations (seq_cst) one of them sees the other. Newcomers wait behind the fork, so that it gets
// in however busy the gate is; a reader-writer lock of pthread lets readers in for ever by default.

namespace eventsource::core {
namespace {

struct alignas(64) Stripe {
  std::atomic<std::int64_t> inside{0};
};

constexpr std::size_t kStripes = 64;
constinit Stripe stripes[kStripes];
constinit std::atomic<std::size_t> next_stripe{0};

constinit std::atomic<bool> is_forking{false};
// Held by the thread that forks, from before to after; newcomers wait on it.
constinit pthread_mutex_t fork_mutex = PTHREAD_MUTEX_INITIALIZER;

constinit std::atomic<std::uint64_t> generation{0};
constinit std::atomic<ForkParticipant*> participants{nullptr};

#ifdef __GLIBC__
// It has room for some bytes of every library that is loaded: they are found without a call, in a fifth of the time.
#define FAST_THREAD_LOCAL [[gnu::tls_model("initial-exec")]] constinit thread_local
#else
#define FAST_THREAD_LOCAL constinit thread_local
#endif
FAST_THREAD_LOCAL Stripe* own_stripe = nullptr;
FAST_THREAD_LOCAL int depth = 0;
#undef FAST_THREAD_LOCAL

void count_in(Stripe& stripe) noexcept {
  while (true) {
    stripe.inside.fetch_add(1, std::memory_order_seq_cst);
    if (ES_DEFECT(fork_open_gate) || !is_forking.load(std::memory_order_seq_cst)) return;
    stripe.inside.fetch_sub(1, std::memory_order_release);
    pthread_mutex_lock(&fork_mutex);
    pthread_mutex_unlock(&fork_mutex);
  }
}

// How many of those inside of `stripe` are no other than this thread: it would wait for itself.
std::int64_t own_count(const Stripe& stripe) noexcept {
  return depth != 0 && &stripe == own_stripe ? 1 : 0;
}

// Calls end within microseconds mostly, within a write to the disk at worst. A short sleep lets a thread run that was put off
// the processor in the middle of one; a yield would let others spin for their whole share first.
void wait_until_outside(const Stripe& stripe) noexcept {
  constexpr int kLooks = 200;
  for (int looks = 0; stripe.inside.load(std::memory_order_seq_cst) != own_count(stripe); ++looks) {
    if (looks < kLooks) continue;
    const timespec pause{0, 20'000};
    nanosleep(&pause, nullptr);
  }
}

}  // namespace

struct ForkHandlers {
  static void before() noexcept {
    pthread_mutex_lock(&fork_mutex);
    is_forking.store(true, std::memory_order_seq_cst);
    if (!ES_DEFECT(fork_open_gate)) {
      for (const Stripe& stripe : stripes) wait_until_outside(stripe);
    }
    for_each([](ForkParticipant& participant) { participant.before_fork(); });
  }

  static void in_parent() noexcept {
    for_each([](ForkParticipant& participant) { participant.after_fork_in_parent(); });
    open();
  }

  static void in_child() noexcept {
    generation.fetch_add(1, std::memory_order_relaxed);
    // Threads that had counted themselves in and were about to see the flag are not here to count themselves out.
    for (Stripe& stripe : stripes) stripe.inside.store(own_count(stripe), std::memory_order_relaxed);
    for_each([](ForkParticipant& participant) { participant.after_fork_in_child(); });
    open();
  }

  static void add(ForkParticipant& participant) noexcept {
    // Not between a fork's before and its after: each participant sees both or none.
    const NoFork no_fork;
    participant.next_ = participants.load(std::memory_order_relaxed);
    while (!participants.compare_exchange_weak(participant.next_, &participant, std::memory_order_release,
                                               std::memory_order_relaxed)) {
    }
  }

 private:
  template <typename Do>
  static void for_each(const Do& act) noexcept {
    for (ForkParticipant* one = participants.load(std::memory_order_acquire); one != nullptr; one = one->next_)
      act(*one);
  }

  static void open() noexcept {
    is_forking.store(false, std::memory_order_seq_cst);
    pthread_mutex_unlock(&fork_mutex);
  }
};

namespace {

// By pthread_once, which a fork in the middle of the first call does not leave half done, as it does a static object.
void watch_forks() noexcept {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, [] { pthread_atfork(ForkHandlers::before, ForkHandlers::in_parent, ForkHandlers::in_child); });
}

void enter_first() noexcept {
  watch_forks();
  own_stripe = &stripes[next_stripe.fetch_add(1, std::memory_order_relaxed) % kStripes];
}

}  // namespace

std::uint64_t fork_generation() noexcept {
  watch_forks();
  return ES_DEFECT(fork_unnoticed) ? 0 : generation.load(std::memory_order_relaxed);
}

NoFork::NoFork() noexcept {
  if (own_stripe == nullptr) enter_first();
  if (depth++ == 0) count_in(*own_stripe);
}

NoFork::~NoFork() {
  if (--depth == 0) own_stripe->inside.fetch_sub(1, std::memory_order_release);
}

void NoFork::let_fork_pass() noexcept {
  if (depth == 0 || !is_forking.load(std::memory_order_relaxed)) return;
  own_stripe->inside.fetch_sub(1, std::memory_order_release);
  count_in(*own_stripe);
}

void ForkParticipant::take_part() noexcept {
  ForkHandlers::add(*this);
}

}  // namespace eventsource::core
