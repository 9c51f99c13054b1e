// Random batches of appends, each compared with the same appends made one by one on the memory backend. One thread.
#pragma once

#include <cstdint>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "core/backend/backend.hpp"
#include "core/backend/blocking_backend.hpp"
#include "core/memory/memory_backend.hpp"
#include "core/store/prepare.hpp"

namespace eventsource::core {

class RandomBatches {
 public:
  explicit RandomBatches(std::uint64_t seed) : random_(seed) {}

  // Makes a batch on `backend`; what it leaves to be made by itself comes afterwards, in its order.
  void compare(Backend& backend) {
    std::vector<Made> made(2 + pick(12));
    std::vector<BatchItem> items;
    for (Made& append : made) {
      fill(append);
      items.push_back({&append.prepared, {}, {}});
    }
    const Call call(system_environment(), {}, 10'000);
    const Status status = now(backend.append_batch(items, call));
    if (!status.ok()) {
      // An id that is known in another stream may fail the batch as a whole: then nothing is written.
      for (const BatchItem& item : items) ASSERT_FALSE(item.outcome) << status.error().message();
    }
    std::map<std::string, std::int64_t> last_positions;  // of each stream
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!items[i].outcome) continue;
      expect_same(made[i], *items[i].outcome, call);
      ++in_batches_;
      if (items[i].outcome->ok()) expect_order(made[i], items[i].outcome->value(), last_positions);
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (items[i].outcome) continue;
      expect_same(made[i], now(backend.append(made[i].prepared, call)), call);
      ++alone_;
    }
  }

  // How many appends had their outcome from a batch, and by themselves.
  [[nodiscard]] int in_batches() const { return in_batches_; }
  [[nodiscard]] int alone() const { return alone_; }

 private:
  struct Made {
    std::vector<std::string> texts;
    AppendInput input;
    PreparedAppend prepared;
  };

  // Positions contradict neither the order within an append nor that of a stream. Between appends to other streams there is no order.
  static void expect_order(const Made& made, const AppendOutcome& outcome,
                           std::map<std::string, std::int64_t>& last_positions) {
    std::int64_t last_position = 0;
    for (std::size_t i = 0; i < outcome.positions.size(); ++i) {
      if (outcome.known[i] != 0) continue;
      const StreamName& name = made.prepared.streams[made.prepared.events[i].stream].name;
      std::int64_t& of_stream = last_positions[format_uuid(name.aggregate_id) + std::string(name.aggregate_type)];
      EXPECT_GT(outcome.positions[i], last_position) << "positions follow the order of an append's events";
      EXPECT_GT(outcome.positions[i], of_stream) << "and that of their stream";
      last_position = of_stream = outcome.positions[i];
    }
  }

  [[nodiscard]] std::uint64_t pick(std::uint64_t below) { return random_() % below; }

  [[nodiscard]] static Uuid id(std::uint64_t kind, std::uint64_t number) {
    Uuid made;
    made.bytes[0] = static_cast<std::uint8_t>(kind);
    for (std::size_t i = 0; i < 8; ++i) made.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
    return made;
  }

  // Some events come again later, alone or with others.
  void fill(Made& made) {
    const std::size_t streams = pick(5) == 0 ? 2 : 1;
    const std::uint64_t first = pick(kStreams);
    for (std::size_t i = 0; i < streams; ++i) {
      const std::uint64_t number = (first + i) % kStreams;
      const std::uint64_t version = versions_[number];
      const std::int64_t expected[] = {ES_ANY,
                                       ES_ANY,
                                       ES_STREAM_EXISTS,
                                       static_cast<std::int64_t>(version),
                                       static_cast<std::int64_t>(version),
                                       static_cast<std::int64_t>(version + pick(3))};
      made.input.streams.push_back({{"Order", id(1, number)}, expected[pick(std::size(expected))]});
    }
    made.texts.reserve(8);
    for (std::size_t i = 0; i < streams; ++i) {
      const std::uint64_t number = (first + i) % kStreams;
      for (std::uint64_t n = 1 + pick(2); n > 0; --n) {
        const bool repeats = pick(12) == 0 && events_ > 0;
        const std::uint64_t event_number = repeats ? pick(events_) : events_++;
        made.texts.push_back("{\"n\":" + std::to_string(event_number) + "}");
        EventInput event;
        event.stream = static_cast<std::uint32_t>(i);
        event.event_type = "Placed";
        event.data = made.texts.back();
        event.event_id = id(2, event_number);
        if (pick(20) == 0) event.tenant_id = id(3, 1);
        made.input.events.push_back(event);
        if (!repeats) ++versions_[number];
      }
    }
    made.input.skip_duplicates = pick(4) == 0;
    Result<PreparedAppend> prepared = prepare(made.input, Settings(), system_environment());
    ASSERT_TRUE(prepared.ok()) << prepared.error().message();
    made.prepared = std::move(prepared).value();
  }

  void expect_same(const Made& made, const Result<AppendOutcome>& outcome, const Call& call) {
    const Result<AppendOutcome> expected = now(oracle_->append(made.prepared, call));
    if (!expected.ok()) {
      ASSERT_FALSE(outcome.ok()) << "expected: " << expected.error().message();
      EXPECT_EQ(outcome.error().code(), expected.error().code()) << outcome.error().message();
      return;
    }
    ASSERT_TRUE(outcome.ok()) << outcome.error().message();
    EXPECT_EQ(outcome.value().versions, expected.value().versions);
    EXPECT_EQ(outcome.value().known, expected.value().known);
    EXPECT_EQ(outcome.value().stream_versions, expected.value().stream_versions);
  }

  static constexpr std::uint64_t kStreams = 6;

  std::mt19937_64 random_;
  const std::unique_ptr<Backend> oracle_ = as_backend(memory::open(system_environment(), false).value());
  std::uint64_t versions_[kStreams] = {};
  std::uint64_t events_ = 0;
  int in_batches_ = 0;
  int alone_ = 0;
};

}  // namespace eventsource::core
