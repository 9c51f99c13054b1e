// How a store waits, ends and is named, over a backend whose identity and shutdown the test decides.
#include <functional>
#include <gtest/gtest.h>
#include <thread>

#include "core/event/token.hpp"
#include "core/memory/memory_backend.hpp"
#include "core/store/store.hpp"
#include "tests/core/fake_environment.hpp"

namespace eventsource::core {
namespace {

// A memory backend with another identity, and something that happens during its shutdown.
class Stand final : public BlockingBackend {
 public:
  Stand(std::unique_ptr<BlockingBackend> inner, StoreIdentity identity, std::function<void()> during_shutdown)
      : inner_(std::move(inner)), identity_(identity), during_shutdown_(std::move(during_shutdown)) {}

  const char* kind() const override { return inner_->kind(); }
  const StoreIdentity& identity() const override { return identity_; }
  Result<AppendOutcome> append(const PreparedAppend& append, const Call& call) override {
    return inner_->append(append, call);
  }
  Result<ReadEnd> read_stream(const StreamQuery& query, const Call& call, PageBuilder& page) override {
    return inner_->read_stream(query, call, page);
  }
  Result<ReadEnd> read_log(const LogQuery& query, const Call& call, PageBuilder& page) override {
    return inner_->read_log(query, call, page);
  }
  Result<ReadEnd> read_event(const Uuid& id, const Call& call, PageBuilder& page) override {
    return inner_->read_event(id, call, page);
  }
  Result<std::int64_t> head(const Call& call) override { return inner_->head(call); }
  Result<std::int64_t> stream_version(const StreamName& stream, const Call& call) override {
    return inner_->stream_version(stream, call);
  }
  Result<std::int64_t> count(const Filter& filter, const Call& call) override { return inner_->count(filter, call); }
  Result<bool> save_snapshot(const StreamName& stream, const Snapshot& snapshot, const Call& call) override {
    return inner_->save_snapshot(stream, snapshot, call);
  }
  Result<std::optional<Snapshot>> load_snapshot(const StreamName& stream, const Call& call) override {
    return inner_->load_snapshot(stream, call);
  }
  Result<bool> delete_snapshot(const StreamName& stream, const Call& call) override {
    return inner_->delete_snapshot(stream, call);
  }
  Result<Inspection> inspect(const Call& call) override { return inner_->inspect(call); }
  Status shutdown() override {
    during_shutdown_();
    return inner_->shutdown();
  }

 private:
  std::unique_ptr<BlockingBackend> inner_;
  StoreIdentity identity_;
  std::function<void()> during_shutdown_;
};

std::unique_ptr<Store> store_over(
    Environment& environment, const StoreIdentity& identity, std::function<void()> during_shutdown = [] {}) {
  auto inner = memory::open(environment, false);
  EXPECT_TRUE(inner.ok());
  return std::make_unique<Store>(
      "memory:", Settings(), environment,
      as_backend(std::make_unique<Stand>(std::move(inner).value(), identity, std::move(during_shutdown))));
}

Uuid some_id() {
  Uuid id;
  id.bytes[0] = 7;
  return id;
}

TEST(StoreEnd, ASecondShutdownDoesNotEndBeforeTheFirst) {
  FakeEnvironment environment;
  std::unique_ptr<Store> store;
  es_status during = ES_OK;
  store = store_over(environment, {some_id(), 1, true}, [&] {
    std::thread second([&] {
      const Status status = store->shutdown(0);
      during = status.ok() ? ES_OK : status.error().code();
    });
    second.join();
  });
  EXPECT_TRUE(store->shutdown(-1).ok());
  EXPECT_EQ(during, ES_TIMEOUT) << "the first is still at work";
  EXPECT_TRUE(store->shutdown(0).ok()) << "and now it is done";
}

TEST(StoreEnd, AStoreWithoutIdentityGivesAndTakesNoTokens) {
  FakeEnvironment environment;
  const auto nameless = store_over(environment, {Uuid{}, 0, false});
  const auto page = now(nameless->read_log({}, {}));
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page.value()->header().token.offset, 0U);
  CallOptions call;
  call.token = make_token(Uuid{}, 0);
  EXPECT_EQ(now(nameless->head(call)).error().code(), ES_INVALID_TOKEN);

  const auto named = store_over(environment, {some_id(), 1, false});
  EXPECT_NE(now(named->read_log({}, {})).value()->header().token.offset, 0U);
}

// Runs `what` once, when a call looks at the clock: for a call with a timeout that is while it holds the store.
class BusyEnvironment final : public Environment {
 public:
  std::function<void()> what;

  std::int64_t wall_us() override { return time_.wall_us(); }
  std::int64_t steady_us() override {
    if (looks_++ == 1 && what) std::exchange(what, nullptr)();
    return time_.steady_us();
  }
  Status random(std::span<std::uint8_t> bytes) override { return time_.random(bytes); }
  void pause_us(std::int64_t us) override { time_.pause_us(us); }

 private:
  FakeEnvironment time_;
  int looks_ = 0;
};

TEST(StoreEnd, AMemoryStoreThatIsBusyIsWaitedForNoLongerThanTheCallMay) {
  BusyEnvironment holder;
  FakeEnvironment other;
  auto opened = memory::open(holder, false);
  ASSERT_TRUE(opened.ok());
  BlockingBackend& backend = *opened.value();
  CallOptions limit;
  limit.timeout_ms = 50;
  es_status waited = ES_OK;
  es_status cancelled = ES_OK;
  holder.what = [&] {
    std::thread rivals([&] {
      waited = backend.head(Call(other, limit, 0)).error().code();
      CallOptions stopped;
      stopped.cancel = std::make_shared<CancelFlag>();
      stopped.cancel->raise();
      cancelled = backend.head(Call(other, stopped, 5'000)).error().code();
    });
    rivals.join();
  };
  EXPECT_TRUE(backend.head(Call(holder, limit, 0)).ok());
  EXPECT_EQ(waited, ES_BUSY);
  EXPECT_EQ(other.paused, 50'000);
  EXPECT_EQ(cancelled, ES_CANCELLED);
}

}  // namespace
}  // namespace eventsource::core
