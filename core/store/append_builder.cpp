#include "core/store/append_builder.hpp"

#include <algorithm>

#include "eventsource/limits.h"

#include "core/store/prepare.hpp"

namespace eventsource::core {

Status AppendBuilder::choose_stream(const StreamName& name, std::int64_t expected_version) {
  RETURN_IF_ERROR(check_stream_name(name));
  RETURN_IF_ERROR(check_expected_version(expected_version));
  if (const auto known = stream_indexes_.find(name); known != stream_indexes_.end()) {
    const std::int64_t before = input_.streams[known->second].expected_version;
    if (before != expected_version) {
      return Error(ES_INVALID_ARGUMENT, "stream " + describe(name) +
                                            " is in this append already, with expected version " +
                                            std::to_string(before) + " and not " + std::to_string(expected_version))
          .detail("field", "expected_version");
    }
    chosen_ = known->second;
    return {};
  }
  const StreamName kept{texts_.keep(name.aggregate_type), name.aggregate_id};
  const auto index = static_cast<std::uint32_t>(input_.streams.size());
  // Room first: a stream that is in the list but not in the index would be taken for one without events.
  if (input_.streams.size() == input_.streams.capacity()) {
    input_.streams.reserve(std::max<std::size_t>(8, 2 * input_.streams.size()));
  }
  stream_indexes_.emplace(kept, index);
  input_.streams.push_back({kept, expected_version});
  chosen_ = index;
  return {};
}

Status AppendBuilder::add_event(std::string_view event_type, std::string_view data) {
  if (!chosen_) return Error(ES_INVALID_ARGUMENT, "no stream was chosen for the event: call es_append_stream first");
  if (input_.events.size() >= ES_APPEND_EVENTS_MAX) {
    return Error(ES_LIMIT_EXCEEDED, "an append has at most " + std::to_string(ES_APPEND_EVENTS_MAX) + " events")
        .detail("limit", std::int64_t{ES_APPEND_EVENTS_MAX});
  }
  if (data.size() > ES_EVENT_BYTES_MAX) {
    return Error(ES_LIMIT_EXCEEDED, "the data has " + std::to_string(data.size()) + " bytes, at most " +
                                        std::to_string(ES_EVENT_BYTES_MAX) + " are possible")
        .detail("field", "data")
        .detail("limit", std::int64_t{ES_EVENT_BYTES_MAX});
  }
  EventInput event;
  event.stream = *chosen_;
  ASSIGN_OR_RETURN(event.event_id, ids_.draw());
  event.event_type = texts_.keep(event_type);
  event.data = texts_.keep(data);
  input_.events.push_back(event);
  return {};
}

void AppendBuilder::clear() {
  input_.streams.clear();
  input_.events.clear();
  input_.skip_duplicates = false;
  stream_indexes_.clear();
  chosen_.reset();
  texts_.clear();
}

}  // namespace eventsource::core
