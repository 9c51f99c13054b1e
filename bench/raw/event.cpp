#include "bench/raw/event.hpp"

#include <chrono>
#include <ctime>

namespace {

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// UUIDv7, each above the one before.
class EventIds {
 public:
  Id next(std::int64_t us) {
    Id id = random_.next();
    const std::uint64_t ms = static_cast<std::uint64_t>(us) / 1000;
    for (unsigned i = 0; i < 6; ++i) id[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
    const std::uint64_t fraction = static_cast<std::uint64_t>(us) % 1000 * 4;
    id[6] = static_cast<std::uint8_t>(0x70U | fraction >> 8U);
    id[7] = static_cast<std::uint8_t>(fraction);
    return id;
  }

 private:
  Ids random_{0x76U};
};

std::string text_of(const Id& id) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kDigits[id[i] >> 4U];
    text += kDigits[id[i] & 0xfU];
  }
  return text;
}

std::string text_of_time(std::int64_t us) {
  const std::time_t seconds = us / 1'000'000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[64];
  const std::size_t size = std::strftime(&text[0], sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::string fraction = std::to_string(us % 1'000'000);
  fraction.insert(0, 6 - fraction.size(), '0');
  return std::string(&text[0], size) + "." + fraction + "Z";
}

// As docs/format.md has it. No name of a sample needs an escape.
std::string document_of(const Event& event) {
  const Sample& sample = *event.sample;
  const std::string event_id = text_of(event.event_id);
  std::string document = R"({"event_id":")" + event_id + R"(","event_type":")" + sample.event_type +
                         R"(","event_version":1,"occurred_at":")" + text_of_time(event.occurred_at) +
                         R"(","aggregate_id":")" + text_of(event.stream) + R"(","aggregate_type":")" + kAggregateType +
                         R"(","aggregate_version":)" + std::to_string(event.expected + 1) +
                         R"(,"tenant_id":null,"actor_id":)" +
                         (sample.actor_id.empty() ? "null" : '"' + sample.actor_id + '"') + R"(,"correlation_id":")" +
                         event_id + R"(","causation_id":null,"metadata":{})";
  document += sample.data == "{}" ? "}" : "," + sample.data.substr(1);
  return document;
}

// Gives them ids and times as if they were made one each microsecond.
class Maker {
 public:
  Event make(const Item& item) {
    const std::int64_t us = start_us_ + made_++;
    Event event{ids_.next(us), item.stream, item.expected, us, item.sample, {}};
    event.document = document_of(event);
    return event;
  }

 private:
  EventIds ids_;
  std::int64_t start_us_ = now_us();
  std::int64_t made_ = 0;
};

}  // namespace

std::vector<Event> events_of_callers(const std::vector<Sample>& samples, std::size_t callers, std::size_t count,
                                     std::size_t first) {
  std::vector<Caller> all;
  for (std::size_t i = 0; i < callers; ++i) all.emplace_back(samples, first + i);
  Maker maker;
  std::vector<Event> events;
  events.reserve(count);
  for (std::size_t i = 0; i < count; ++i) events.push_back(maker.make(all[i % callers].next()));
  return events;
}

std::vector<Event> events_of_streams(const std::vector<Sample>& samples, std::size_t size, std::size_t count) {
  Ids ids(0);
  Id stream{};
  Maker maker;
  std::vector<Event> events;
  events.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (i % size == 0) stream = ids.next();
    events.push_back(maker.make({stream, static_cast<std::int32_t>(i % size), &samples[i % samples.size()]}));
  }
  return events;
}
