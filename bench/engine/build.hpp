// From the workload to appends of the engine. Values.
#pragma once

#include <eventsource/eventsource.hpp>

#include "bench/common/workload.hpp"

inline eventsource::Uuid uuid(const Id& id) {
  return eventsource::Uuid::from_bytes(id.data());
}

inline void choose(eventsource::Append& append, const Stream& stream) {
  append.stream(kAggregateType, uuid(stream.id), eventsource::ExpectedVersion::exact(stream.version));
}

inline void add(eventsource::Append& append, const Sample& sample) {
  append.event(sample.event_type, sample.data);
  if (!sample.actor_id.empty()) append.actor(sample.actor_id);
}

// An append of the item alone, in a builder that is used again.
inline const eventsource::Append& build(eventsource::Append& append, const Item& item) {
  append.clear();
  choose(append, {item.stream, item.expected});
  add(append, *item.sample);
  return append;
}
