// Reading allocates by the page, not by the event. Counts what operator new gives out in this program.
#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include "tests/cpp/stores.hpp"

namespace {
std::atomic<std::int64_t> allocations{0};
}  // namespace

// All forms without an alignment, in pairs: a sanitizer has its own for those that are left out. Not inlined: gcc would
// take malloc and delete for a mismatched pair.
#define NOINLINE __attribute__((noinline))

NOINLINE void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(size);
}
NOINLINE void* operator new(std::size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
NOINLINE void* operator new[](std::size_t size) {
  return operator new(size);
}
NOINLINE void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return operator new(size, std::nothrow);
}

NOINLINE void operator delete(void* memory) noexcept {
  std::free(memory);
}
NOINLINE void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
NOINLINE void operator delete(void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}
NOINLINE void operator delete[](void* memory) noexcept {
  std::free(memory);
}
NOINLINE void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
NOINLINE void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}

namespace eventsource::test {
namespace {

constexpr int kEvents = 500;

// Looks at everything an event has, as a consumer would.
std::size_t look(const Event& event) {
  std::size_t sum = event.type().size() + event.aggregate_type().size() + event.data().size() +
                    event.document().size() + event.metadata().size() + event.actor().value_or("").size();
  sum += event.id().bytes[0] + event.aggregate_id().bytes[0] + (event.tenant_id() == nullptr ? 0u : 1u);
  for (const Member& member : members(event.data())) sum += member.key.size() + member.value.size();
  return sum;
}

TEST(AllocationTest, IsCounted) {
  const std::int64_t before = allocations.load();
  ::operator delete(::operator new(7));
  EXPECT_EQ(allocations.load() - before, 1);
}

TEST(AllocationTest, NoneForAnEventOfAPage) {
  const Store store = Store::open("memory:").value();
  fill(store, "Order", numbered(1), 1, kEvents);
  const Page page = store.read_log({.content = Content::kDocument | Content::kEnvelope | Content::kData}).value();
  ASSERT_EQ(page.size(), static_cast<std::size_t>(kEvents));
  const std::int64_t before = allocations.load();
  std::size_t sum = 0;
  for (const Event& event : page) sum += look(event);
  const Page copy = page;
  for (const Event& event : copy) sum += look(event);
  EXPECT_EQ(allocations.load() - before, 0);
  EXPECT_GT(sum, 0u);
}

TEST(AllocationTest, AWalkAllocatesByThePage) {
  const Store store = Store::open("memory:").value();
  fill(store, "Order", numbered(1), 1, kEvents);
  EventRange events = store.log({.content = Content::kData, .page_events = 100});
  std::int64_t between = 0;
  std::size_t sum = 0;
  std::int64_t count = 0;
  std::int64_t before = 0;
  const std::byte* page = nullptr;
  for (const Event& event : events) {
    // Within a page, from one event to the next.
    if (page == events.page().bytes().data()) between += allocations.load() - before;
    page = events.page().bytes().data();
    sum += look(event);
    ++count;
    before = allocations.load();
  }
  EXPECT_EQ(count, kEvents);
  EXPECT_EQ(between, 0);
  EXPECT_GT(sum, 0u);
}

}  // namespace
}  // namespace eventsource::test
