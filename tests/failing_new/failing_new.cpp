#include "tests/failing_new/failing_new.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

constexpr long kNever = -1;
std::atomic<long> left_to_fail{kNever};  // allocations until one fails
std::atomic<bool> all_fail{false};       // and those after it
std::atomic<bool> has_failed{false};

bool fails_now() noexcept {
  long left = left_to_fail;
  long next = left;
  do {
    if (left == kNever) return false;
    next = left != 0 ? left - 1 : all_fail ? 0 : kNever;
  } while (!left_to_fail.compare_exchange_weak(left, next));
  if (left == 0) has_failed = true;
  return left == 0;
}

void* allocate(std::size_t size) noexcept {
  return fails_now() ? nullptr : std::malloc(size == 0 ? 1 : size);
}

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  if (void* const place = allocate(size)) return place;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new[](std::size_t size) {
  return operator new(size);
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size);
}
[[gnu::noinline]] void operator delete(void* place) noexcept {
  std::free(place);
}
[[gnu::noinline]] void operator delete[](void* place) noexcept {
  std::free(place);
}
[[gnu::noinline]] void operator delete(void* place, std::size_t) noexcept {
  std::free(place);
}
[[gnu::noinline]] void operator delete[](void* place, std::size_t) noexcept {
  std::free(place);
}

namespace failing_new {

void arm(long successes, bool all) {
  has_failed = false;
  all_fail = all;
  left_to_fail = successes;
}

bool stop() {
  left_to_fail = kNever;
  return has_failed;
}

Pause::Pause() : successes_(left_to_fail.exchange(kNever)) {}

Pause::~Pause() {
  left_to_fail = successes_;
}

}  // namespace failing_new
