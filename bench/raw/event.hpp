// An event as it is stored, made before the clock starts: what is measured is the database. Values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/common/workload.hpp"

struct Event {
  Id event_id;
  Id stream;
  std::int32_t expected;     // the version that the stream must have; the event's own is one more
  std::int64_t occurred_at;  // microseconds since 1970
  const Sample* sample;      // its type and actor
  std::string document;
};

// The appends of so many callers, in turn: the k-th event is that of caller k % callers.
[[nodiscard]] std::vector<Event> events_of_callers(const std::vector<Sample>& samples, std::size_t callers,
                                                   std::size_t count, std::size_t first = 0);

// New streams of `size` events each, one after the other.
[[nodiscard]] std::vector<Event> events_of_streams(const std::vector<Sample>& samples, std::size_t size,
                                                   std::size_t count);
