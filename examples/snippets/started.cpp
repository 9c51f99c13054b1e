#include <coroutine>
#include <cstdio>
#include <eventsource/eventsource.hpp>
#include <exception>

namespace es = eventsource;

// Whatever coroutine type you have; this one starts at once and nobody waits for it.
struct Coroutine {
  struct promise_type {
    Coroutine get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

Coroutine place_and_pay(const es::AsyncStore& store, es::Uuid order) {
  es::Append placed;
  placed.stream("Order", order, es::ExpectedVersion::no_stream()).event("OrderPlaced", "{}");
  const es::Result<es::AppendResult> first = co_await store.append(placed);
  es::Append paid;
  paid.stream("Order", order, es::ExpectedVersion::exact(first.value().versions()[0])).event("OrderPaid", "{}");
  const es::Result<es::AppendResult> second = co_await store.append(paid);
  std::printf("version %lld\n", static_cast<long long>(second.value().versions()[0]));
}

int main() {
  const es::CompletionQueue queue = es::CompletionQueue::create().value();
  const es::AsyncStore store(es::Store::open("memory:").value(), queue);
  place_and_pay(store, es::Uuid::v7().value());
  while (queue.size() != 0) {  // or in the loop that you have, when queue.fd() is readable: queue.drain()
    queue.wait().value();
    queue.drain();
  }
  store.head().then(
      [](es::Result<std::int64_t> head) { std::printf("head %lld\n", static_cast<long long>(head.value())); });
  while (queue.size() != 0) {
    queue.wait().value();
    queue.drain();
  }
}
