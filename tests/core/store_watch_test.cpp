// What a store counts and tells of the calls that are made of it.
#include <gtest/gtest.h>

#include "core/event/token.hpp"
#include "core/store/append_builder.hpp"
#include "core/store/store.hpp"
#include "tests/core/fake_environment.hpp"

namespace eventsource::core {
namespace {

class StoreWatch : public testing::Test {
 protected:
  void SetUp() override { open({}); }

  void open(Settings settings) {
    settings.log = log;
    store = Store::open("memory:", settings, CallOptions(), environment).value();
    while (log->take() != nullptr) {
    }
  }

  // Appends one event to the stream, where it is at `expected`.
  es_status append(std::int64_t expected, const CallOptions& options = {}, std::optional<Uuid> id = {}) {
    AppendBuilder builder(environment);
    EXPECT_TRUE(builder.choose_stream({"Order", stream_id()}, expected).ok());
    EXPECT_TRUE(builder.add_event("Placed", "{}").ok());
    // The time stands still: every builder would draw the same ids.
    builder.last()->event_id = id.value_or(Uuid{{100, ++next_id}});
    const auto result = now(store->append(builder.input(), options));
    return result.ok() ? ES_OK : result.error().code();
  }

  static Uuid stream_id() {
    Uuid id;
    id.bytes[0] = 7;
    return id;
  }

  [[nodiscard]] const Metrics& metrics() const { return store->metrics(); }

  std::uint8_t next_id = 0;
  FakeEnvironment environment;
  std::shared_ptr<Log> log = Log::create(LogLevel::kTrace, 100).value();
  std::shared_ptr<Store> store;
};

TEST_F(StoreWatch, CountsAppends) {
  EXPECT_EQ(append(ES_ANY), ES_OK);
  EXPECT_EQ(append(1, {}, Uuid{{9}}), ES_OK);
  EXPECT_EQ(append(1, {}, Uuid{{9}}), ES_OK) << "the first result again";
  EXPECT_EQ(append(1), ES_VERSION_CONFLICT);
  AppendBuilder two(environment);
  EXPECT_TRUE(two.choose_stream({"Order", stream_id()}, ES_ANY).ok());
  for (const int first_byte : {8, 9}) {
    EXPECT_TRUE(two.add_event("Placed", "{}").ok());
    two.last()->event_id = Uuid{{static_cast<std::uint8_t>(first_byte)}};
  }
  EXPECT_EQ(now(store->append(two.input(), {})).error().code(), ES_DUPLICATE_EVENT);
  EXPECT_EQ(metrics().appends.value(), 3);
  EXPECT_EQ(metrics().appended_events.value(), 2);
  EXPECT_EQ(metrics().known_events.value(), 1);
  EXPECT_EQ(metrics().conflicts.value(), 1);
  EXPECT_EQ(metrics().duplicates.value(), 1);
  EXPECT_EQ(metrics().calls.value(), 0);
}

TEST_F(StoreWatch, CountsReads) {
  for (int version = 0; version < 3; ++version) ASSERT_EQ(append(version), ES_OK);
  const StreamName stream{"Order", stream_id()};
  EXPECT_TRUE(now(store->read_log({}, {})).ok());
  EXPECT_TRUE(now(store->read_stream(stream, {}, {})).ok());
  EXPECT_EQ(now(store->read_event(Uuid{{77}}, ES_CONTENT_DATA, {})).error().code(), ES_EVENT_NOT_FOUND);
  EXPECT_TRUE(now(store->head({})).ok()) << "which is none";
  EXPECT_EQ(metrics().reads.value(), 2);
  EXPECT_EQ(metrics().read_events.value(), 6);
}

TEST_F(StoreWatch, CountsHowCallsEnd) {
  CallOptions ahead;
  ahead.token = make_token(store->identity().id, 5);
  ahead.timeout_ms = 20;
  EXPECT_EQ(now(store->head(ahead)).error().code(), ES_TIMEOUT);
  EXPECT_EQ(metrics().timeouts.value(), 1);
  CallOptions cancelled;
  cancelled.cancel = std::make_shared<CancelFlag>();
  cancelled.cancel->raise();
  EXPECT_EQ(append(ES_ANY, cancelled), ES_CANCELLED);
  EXPECT_EQ(metrics().cancels.value(), 1);
  EXPECT_EQ(metrics().appends.value(), 0);
}

TEST_F(StoreWatch, TellsOfEachCallAtLevelTrace) {
  ASSERT_EQ(append(5), ES_VERSION_CONFLICT);
  const auto record = log->take();
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->level, LogLevel::kTrace);
  EXPECT_EQ(record->message, "call");
  EXPECT_EQ(record->fields.at(0).value, "append");
  EXPECT_EQ(record->fields.at(2).value, std::to_string(ES_VERSION_CONFLICT));
  log->set_level(LogLevel::kDebug);
  ASSERT_EQ(append(5), ES_VERSION_CONFLICT);
  EXPECT_EQ(log->take(), nullptr) << "an error is its caller's";
}

// Time passes only where a token is waited for.
TEST_F(StoreWatch, TellsOfSlowCalls) {
  log->set_level(LogLevel::kWarning);
  CallOptions ahead;
  ahead.timeout_ms = 30;
  for (const std::int64_t slow_ms : {0, 30, 31}) {
    SCOPED_TRACE(slow_ms);
    Settings settings;
    settings.slow_call_ms = slow_ms;
    open(settings);
    ahead.token = make_token(store->identity().id, 5);
    ASSERT_TRUE(now(store->head({})).ok());
    EXPECT_EQ(log->take(), nullptr) << "it took no time";
    ASSERT_EQ(now(store->read_log({}, ahead)).error().code(), ES_TIMEOUT);
    const auto record = log->take();
    ASSERT_EQ(record != nullptr, slow_ms == 30);
    const auto looks = look_at(metrics());
    const auto read = std::ranges::find(looks, std::string_view("eventsource_read_seconds"),
                                        [](const MetricValue& one) { return std::string_view(one.row->name); });
    EXPECT_EQ(read->value, 1);
    EXPECT_EQ(read->sum_us, 30'000);
    if (record == nullptr) continue;
    EXPECT_EQ(record->message, "slow call");
    EXPECT_EQ(record->fields.at(0).value, "read_log");
    EXPECT_EQ(record->fields.at(1).value, "30");
    EXPECT_EQ(record->fields.at(2).value, std::to_string(ES_TIMEOUT));
  }
}

TEST_F(StoreWatch, TellsOfAStoreThatWasOnlyClosed) {
  store.reset();
  EXPECT_EQ(log->take()->message, "store closed");
  open({});
  ASSERT_TRUE(store->shutdown(-1).ok());
  EXPECT_EQ(log->take()->message, "store shut down");
  store.reset();
  EXPECT_EQ(log->take(), nullptr);
}

}  // namespace
}  // namespace eventsource::core
