// Calls that are started: callbacks, coroutines and results here and now, on the thread that drains, exactly once.
#include <atomic>
#include <chrono>
#include <coroutine>
#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/cpp/stores.hpp"

namespace eventsource::test {
namespace {

static_assert(!std::is_copy_constructible_v<CompletionQueue> && std::is_nothrow_move_constructible_v<CompletionQueue>);
static_assert(!std::is_copy_constructible_v<Started<Page>> && std::is_nothrow_move_constructible_v<Started<Page>>);
static_assert(std::is_copy_constructible_v<AsyncStore>);

// The smallest coroutine: starts at once, destroys itself at its end.
struct Coroutine {
  struct promise_type {
    Coroutine get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

// One that its owner destroys.
struct OwnedCoroutine {
  struct promise_type {
    OwnedCoroutine get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};

// For what must not hang.
constexpr std::chrono::seconds kPatience{60};

void drain_all(const CompletionQueue& queue) {
  while (queue.size() != 0) {
    ASSERT_TRUE(queue.wait().value());
    queue.drain();
  }
}

Append one_event(const Uuid& id, ExpectedVersion expected = ExpectedVersion::any()) {
  Append append;
  append.stream("Order", id, expected).event("Placed", "{}");
  return append;
}

class AsyncTest : public StoreTest {
 protected:
  AsyncTest() : queue_(CompletionQueue::create().value()) {}
  void SetUp() override {
    StoreTest::SetUp();
    async_.emplace(open(), queue_);
  }
  void TearDown() override {
    async_.reset();
    StoreTest::TearDown();
  }

  [[nodiscard]] const AsyncStore& async() const { return *async_; }

  CompletionQueue queue_;
  std::optional<AsyncStore> async_;
};

TEST_P(AsyncTest, GivesEveryResult) {
  const Uuid id = numbered(1);
  const AppendResult appended = queue_.get(async().append(one_event(id))).value();
  EXPECT_EQ(appended.last_position(), 1);
  EXPECT_EQ(queue_.get(async().head()).value(), 1);
  EXPECT_EQ(queue_.get(async().head({.token = std::string(appended.token())})).value(), 1);
  EXPECT_EQ(queue_.get(async().stream_version("Order", id)).value(), 1);
  EXPECT_EQ(queue_.get(async().count()).value(), 1);
  EXPECT_EQ(queue_.get(async().count({.event_types = {"Other"}})).value(), 0);
  EXPECT_EQ(queue_.get(async().read_log()).value().size(), 1u);
  EXPECT_EQ(queue_.get(async().read_stream("Order", id)).value()[0].version(), 1);
  EXPECT_EQ(queue_.get(async().event(appended.event_ids()[0])).value().size(), 1u);
  EXPECT_TRUE(queue_.get(async().save_snapshot("Order", id, 1, 1, "7")).value());
  EXPECT_FALSE(queue_.get(async().save_snapshot("Order", id, 1, 1, "8")).value());
  EXPECT_EQ(queue_.get(async().load_snapshot("Order", id)).value().state(), "7");
  EXPECT_TRUE(queue_.get(async().delete_snapshot("Order", id)).value());
  EXPECT_EQ(queue_.get(async().inspect()).value().events(), 1);
  EXPECT_EQ(queue_.get(async().indexes()).error().code(), ES_INVALID_ARGUMENT);
  EXPECT_EQ(queue_.get(async().add_index("x")).error().code(), ES_INVALID_ARGUMENT);
  EXPECT_TRUE(queue_.get(async().shutdown()).ok());
  EXPECT_EQ(queue_.get(async().head()).error().code(), ES_CLOSED);
  EXPECT_EQ(queue_.size(), 0u);
}

TEST_P(AsyncTest, GivesTheErrorsOfTheCall) {
  ASSERT_TRUE(queue_.get(async().append(one_event(numbered(1)))));
  const Error conflict = queue_.get(async().append(one_event(numbered(1), ExpectedVersion::no_stream()))).error();
  EXPECT_EQ(conflict.code(), ES_VERSION_CONFLICT);
  EXPECT_EQ(conflict.detail("actual_version"), "1");
  Append bad;
  bad.event("NoStream", "{}");
  EXPECT_EQ(queue_.get(async().append(bad)).error().code(), ES_INVALID_ARGUMENT);
  EXPECT_EQ(queue_.get(async().read_log({.after = -7})).error().code(), ES_INVALID_ARGUMENT);
  const Cancel cancel = Cancel::create().value();
  cancel.fire();
  EXPECT_EQ(queue_.get(async().head({.cancel = cancel})).error().code(), ES_CANCELLED);
  EXPECT_EQ(queue_.size(), 0u);
}

TEST_P(AsyncTest, OpensAStore) {
  async_.reset();
  const Store store = queue_.get(AsyncStore::open(queue_, url())).value();
  EXPECT_EQ(store.backend(), GetParam());
  EXPECT_EQ(queue_.get(AsyncStore::open(queue_, "nothing:")).error().code(), ES_INVALID_URL);
  EXPECT_EQ(queue_.get(AsyncStore::open(queue_, url(), Options().set("creat", "x"))).error().code(), ES_UNKNOWN_OPTION);
}

TEST_P(AsyncTest, APackedAppendIsCopied) {
  PackedAppend packed;
  packed.add({.aggregate_type = "Order", .aggregate_id = numbered(1), .event_type = "Placed", .data = "{}"});
  auto started = async().append(packed);
  packed = PackedAppend();
  EXPECT_EQ(queue_.get(std::move(started)).value().size(), 1u);
}

TEST_P(AsyncTest, CallbacksRunOnTheThreadThatDrains) {
  constexpr int kCalls = 200;
  int called = 0;
  for (int n = 0; n < kCalls; ++n) {
    async().append(one_event(numbered(1))).then([&, here = std::this_thread::get_id()](Result<AppendResult> result) {
      EXPECT_TRUE(result);
      EXPECT_EQ(std::this_thread::get_id(), here);
      ++called;
    });
  }
  EXPECT_EQ(called, 0) << "none before the drain";
  drain_all(queue_);
  EXPECT_EQ(called, kCalls);
  EXPECT_EQ(async().store().head().value(), kCalls);
}

TEST_P(AsyncTest, ACallbackMayStartTheNextCall) {
  std::vector<std::int64_t> heads;
  async().append(one_event(numbered(1))).then([&](const Result<AppendResult>& first) {
    heads.push_back(first->last_position());
    async().append(one_event(numbered(1))).then([&](const Result<AppendResult>& second) {
      heads.push_back(second->last_position());
    });
  });
  drain_all(queue_);
  EXPECT_EQ(heads, (std::vector<std::int64_t>{1, 2}));
}

TEST_P(AsyncTest, ACallbackMayOwnWhatCannotBeCopied) {
  bool called = false;
  async().head().then([&, owned = std::make_unique<int>(7)](const Result<std::int64_t>&) { called = *owned == 7; });
  drain_all(queue_);
  EXPECT_TRUE(called);
}

TEST_P(AsyncTest, ACallThatCannotBeStartedCallsBackAtOnce) {
  ASSERT_TRUE(async().store().shutdown());
  es_status status = ES_OK;
  async().head().then([&](const Result<std::int64_t>& head) { status = head.error().code(); });
  EXPECT_EQ(status, ES_CLOSED);
  EXPECT_EQ(queue_.size(), 0u);
}

TEST_P(AsyncTest, ACallThatWasDrainedBeforeCallsBackAtOnce) {
  auto head = async().head();
  drain_all(queue_);
  std::int64_t found = -1;
  std::move(head).then([&](const Result<std::int64_t>& result) { found = result.value(); });
  EXPECT_EQ(found, 0);
}

TEST_P(AsyncTest, WhatACallbackThrowsComesOutOfTheDrainAndTheOthersWaitOn) {
  int called = 0;
  for (int n = 0; n < 3; ++n) {
    async().head().then([&, n](const Result<std::int64_t>&) {
      ++called;
      if (n == 0) throw std::runtime_error("of the callback");
    });
  }
  int thrown = 0;
  while (queue_.size() != 0) {
    ASSERT_TRUE(queue_.wait().value());
    try {
      queue_.drain();
    } catch (const std::runtime_error&) {
      ++thrown;
    }
  }
  EXPECT_EQ(thrown, 1);
  EXPECT_EQ(called, 3);
}

// Whoever gets its own result must have it, whatever other calls are ended on the way.
TEST_P(AsyncTest, WhatAnothersCallbackThrowsLosesNoResult) {
  async().head().then([](const Result<std::int64_t>&) { throw std::runtime_error("of the callback"); });
  async().head().then([](const Result<std::int64_t>&) { throw std::logic_error("of the other callback"); });
  ASSERT_TRUE(queue_.wait().value());
  auto append = async().append(one_event(numbered(1)));
  // Ends after the others, so that it can't be got without ending them.
  ASSERT_TRUE(async().store().shutdown());
  const Result<AppendResult> appended = queue_.get(std::move(append));
  EXPECT_EQ(appended.value().last_position(), 1);
  int thrown = 0;
  for (int n = 0; n < 3; ++n) {
    try {
      queue_.drain();
    } catch (const std::runtime_error&) {
      ++thrown;
    } catch (const std::logic_error&) {
      ++thrown;
    }
  }
  EXPECT_EQ(thrown, 2) << "each comes out of a drain, once";
}

// A queue that is given up by what runs inside of its drain. On the heap, where a sanitizer sees what is read after its end.
class QueueEndTest : public AsyncTest {
 protected:
  // Calls that have ended and wait; the first that is drained ends the queue.
  void start_calls(int count) {
    const AsyncStore async(this->async().store(), *ending_);
    for (int n = 0; n < count; ++n) {
      async.head().then([this](const Result<std::int64_t>&) {
        ++called_;
        ending_.reset();
      });
    }
    ASSERT_TRUE(async.store().shutdown());
  }

  std::unique_ptr<CompletionQueue> ending_ = std::make_unique<CompletionQueue>(CompletionQueue::create().value());
  int called_ = 0;
};

TEST_P(QueueEndTest, ACallbackMayEndTheQueueThatIsDrained) {
  start_calls(3);
  EXPECT_EQ(ending_->drain(), 1u) << "the drain ends with the queue";
  EXPECT_EQ(called_, 1);
  EXPECT_EQ(ending_, nullptr);
}

TEST_P(QueueEndTest, ACallbackMayEndTheQueueThatAResultIsGotFrom) {
  const Store other = Store::open("memory:").value();
  start_calls(2);
  auto never = AsyncStore(other, *ending_).head();
  const auto ended = ending_->get(std::move(never));
  EXPECT_EQ(called_, 1);
  EXPECT_EQ(ended.error().code(), ES_INVALID_ARGUMENT);
}

Coroutine await_twice(const AsyncStore& async, std::vector<Result<AppendResult>>& found) {
  auto append = async.append(one_event(numbered(1)));
  found.push_back(co_await append);
  found.push_back(co_await append);
}

TEST_P(AsyncTest, AResultIsGivenOnce) {
  std::vector<Result<AppendResult>> found;
  await_twice(async(), found);
  drain_all(queue_);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].value().size(), 1u);
  EXPECT_EQ(found[1].error().code(), ES_INVALID_ARGUMENT);
  EXPECT_NE(found[1].error().message().find("once"), std::string_view::npos);
}

Coroutine await_one(const Started<std::int64_t>& call, std::vector<es_status>& found) {
  found.push_back((co_await call).error().code());
}

TEST_P(AsyncTest, TwoThatAwaitOneCallAreBothResumed) {
  std::vector<es_status> found;
  auto head = async().head();
  await_one(head, found);
  await_one(head, found);
  EXPECT_EQ(found, (std::vector<es_status>{ES_INVALID_ARGUMENT})) << "the second at once";
  drain_all(queue_);
  EXPECT_EQ(found, (std::vector<es_status>{ES_INVALID_ARGUMENT, ES_OK}));
}

TEST_P(AsyncTest, AStartedThatWasGivenAwayHasNoResult) {
  auto head = async().head();
  std::move(head).then([](const Result<std::int64_t>&) {});
  std::vector<es_status> found;
  // NOLINTBEGIN(bugprone-use-after-move)
  await_one(head, found);
  std::move(head).then([&](const Result<std::int64_t>& again) { found.push_back(again.error().code()); });
  found.push_back(queue_.get(std::move(head)).error().code());
  // NOLINTEND(bugprone-use-after-move)
  EXPECT_EQ(found, std::vector<es_status>(3, ES_INVALID_ARGUMENT));
  drain_all(queue_);
}

Coroutine append_twice(const AsyncStore& async, std::vector<std::int64_t>& versions) {
  for (int n = 0; n < 2; ++n) {
    const Result<AppendResult> appended = co_await async.append(one_event(numbered(1), ExpectedVersion::exact(n)));
    versions.push_back(appended.value().versions()[0]);
  }
}

TEST_P(AsyncTest, CoroutinesGoOnWhereItIsDrained) {
  std::vector<std::int64_t> versions;
  append_twice(async(), versions);
  EXPECT_TRUE(versions.empty());
  drain_all(queue_);
  EXPECT_EQ(versions, (std::vector<std::int64_t>{1, 2}));
}

Coroutine read_in_parallel(const AsyncStore& async, std::vector<std::int64_t>& found) {
  auto head = async.head();
  auto count = async.count();
  found.push_back((co_await count).value());
  found.push_back((co_await head).value());
}

TEST_P(AsyncTest, SeveralCallsAreUnderWayBeforeTheFirstIsAwaited) {
  fill(async().store(), "Order", numbered(1), 1, 3);
  std::vector<std::int64_t> found;
  read_in_parallel(async(), found);
  drain_all(queue_);
  EXPECT_EQ(found, (std::vector<std::int64_t>{3, 3}));
}

Coroutine await_closed(const AsyncStore& async, es_status& status) {
  status = (co_await async.head()).error().code();
}

TEST_P(AsyncTest, ACoroutineIsToldOfACallThatCannotBeStarted) {
  ASSERT_TRUE(async().store().shutdown());
  es_status status = ES_OK;
  await_closed(async(), status);
  EXPECT_EQ(status, ES_CLOSED) << "without a drain";
}

OwnedCoroutine await_head(const AsyncStore& async, bool& resumed) {
  static_cast<void>(co_await async.head());
  resumed = true;
}

TEST_P(AsyncTest, ACoroutineThatIsDestroyedWhileItWaitsIsNotResumed) {
  bool resumed = false;
  await_head(async(), resumed).handle.destroy();
  drain_all(queue_);
  EXPECT_FALSE(resumed);
}

TEST_P(AsyncTest, ADroppedCallIsMadeAllTheSame) {
  static_cast<void>(async().append(one_event(numbered(1))));
  drain_all(queue_);
  EXPECT_EQ(async().store().head().value(), 1);
}

TEST_P(AsyncTest, TheEndOfTheQueueDestroysCallbacksUncalled) {
  const auto token = std::make_shared<int>(0);
  bool called = false;
  for (int n = 0; n < 50; ++n) {
    async().append(one_event(numbered(1))).then([&called, token](const Result<AppendResult>&) { called = true; });
  }
  EXPECT_EQ(token.use_count(), 51);
  queue_ = CompletionQueue::create().value();
  EXPECT_EQ(token.use_count(), 1);
  EXPECT_FALSE(called);
  ASSERT_TRUE(async().store().shutdown()) << "the appends run to their end";
  const AsyncStore orphan = async();
  EXPECT_EQ(queue_.get(orphan.head()).error().code(), ES_INVALID_ARGUMENT) << "its queue is gone";
}

TEST_P(AsyncTest, ADrainIsBounded) {
  for (int n = 0; n < 5; ++n) static_cast<void>(async().head());
  ASSERT_TRUE(async().store().shutdown());
  EXPECT_EQ(queue_.drain(2), 2u);
  pollfd watched{queue_.fd(), POLLIN, 0};
  EXPECT_EQ(poll(&watched, 1, 0), 1);
  EXPECT_EQ(queue_.drain(), 3u);
  EXPECT_EQ(poll(&watched, 1, 0), 0);
  EXPECT_EQ(queue_.drain(), 0u);
}

TEST_P(AsyncTest, AWaitTellsThatNothingCame) {
  EXPECT_FALSE(queue_.wait(std::chrono::milliseconds(0)).value());
  EXPECT_FALSE(queue_.wait(std::chrono::milliseconds(1)).value());
  EXPECT_EQ(queue_.wait(std::chrono::milliseconds(-7)).error().code(), ES_INVALID_ARGUMENT);
}

TEST_P(AsyncTest, OneThreadDrainsForManyThatStart) {
  constexpr int kThreads = 4;
  constexpr int kEach = 100;
  std::atomic<int> started{0};
  int called = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int n = 0; n < kEach; ++n) {
        async().append(one_event(numbered(static_cast<std::uint32_t>(t + 1)))).then([&](const auto& result) {
          EXPECT_TRUE(result) << result.error().message();
          ++called;
        });
        ++started;
      }
    });
  }
  while (started != kThreads * kEach || queue_.size() != 0) {
    static_cast<void>(queue_.wait(std::chrono::milliseconds(1)));
    queue_.drain();
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(async().store().head().value(), kThreads * kEach);
}

// Each drains the ends of the others' calls as well, right before those come to wait for them.
TEST_P(AsyncTest, SeveralThreadsGetWhatTheyStarted) {
  constexpr int kThreads = 3;
  constexpr int kEach = 2'000;
  std::vector<std::future<int>> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.push_back(std::async(std::launch::async, [&, t] {
      int stored = 0;
      for (int n = 0; n < kEach; ++n) {
        const auto id = numbered(static_cast<std::uint32_t>(t + 1));
        stored += n % 20 == 0 ? queue_.get(async().append(one_event(id))).ok() : queue_.get(async().head()).ok();
      }
      return stored;
    }));
  }
  const auto latest = std::chrono::steady_clock::now() + kPatience;
  for (auto& thread : threads) {
    EXPECT_EQ(thread.wait_until(latest), std::future_status::ready) << "nobody tells it that its call has ended";
    // Whatever ends wakes those that wait for nothing.
    while (thread.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
      static_cast<void>(async().head());
    }
    EXPECT_EQ(thread.get(), kEach);
  }
  drain_all(queue_);
}

TEST_P(AsyncTest, OneThreadGetsWhatAnotherDrains) {
  std::atomic<bool> is_over{false};
  std::thread draining([&] {
    while (!is_over) queue_.drain();
  });
  auto got = std::async(std::launch::async, [&] {
    int stored = 0;
    for (int n = 0; n < 200; ++n) stored += queue_.get(async().head()).ok() ? 1 : 0;
    return stored;
  });
  EXPECT_EQ(got.wait_for(kPatience), std::future_status::ready);
  while (got.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) static_cast<void>(async().head());
  is_over = true;
  draining.join();
  EXPECT_EQ(got.get(), 200);
}

EVENTSOURCE_ON_EACH_BACKEND(AsyncTest);
EVENTSOURCE_ON_EACH_BACKEND(QueueEndTest);

}  // namespace
}  // namespace eventsource::test
