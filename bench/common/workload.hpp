// What both programs append and read: the same samples, streams drawn from the same seed. Values; one thread each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

using Id = std::array<std::uint8_t, 16>;

// What an event says; the ids, the stream and the times are the bench's.
struct Sample {
  std::string event_type;
  std::string actor_id;  // empty: none
  std::string data;      // a JSON object
};

// The lines of a file: type, actor and data, parted by tabs.
[[nodiscard]] std::vector<Sample> read_samples(const std::string& file);

// A stream that is there.
struct Stream {
  Id id;
  std::int32_t version;
};

// The lines of a file: id as 32 hex digits and version, parted by a blank.
[[nodiscard]] std::vector<Stream> read_streams(const std::string& file);

// Every stream of the bench has this type.
constexpr const char* kAggregateType = "Order";

// Random, as stream ids are, and the same in each run.
class Ids {
 public:
  explicit Ids(std::uint64_t seed) : state_(seed) {}

  Id next();

 private:
  std::uint64_t number();

  std::uint64_t state_;
};

// One event that a caller appends, and the version that its stream must have.
struct Item {
  Id stream;
  std::int32_t expected;
  const Sample* sample;
};

// The appends of one caller, one after the other: streams of its own, each grown to ten events. The samples outlive it.
class Caller {
 public:
  Caller(const std::vector<Sample>& samples, std::uint64_t number)
      : samples_(samples), ids_(number), at_(number % samples.size()), stream_{ids_.next(), 0} {}

  Item next();

 private:
  const std::vector<Sample>& samples_;
  Ids ids_;
  std::size_t at_;
  Stream stream_;
};
