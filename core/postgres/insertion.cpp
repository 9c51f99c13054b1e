#include "core/postgres/insertion.hpp"

#include <algorithm>

namespace eventsource::core::postgres {
namespace {

// To an Array or to Parameters.
template <typename Values>
void add_tenant(Values& values, const std::optional<Uuid>& tenant_id, const Layout& layout) {
  if (!tenant_id || layout.tenant_type != "text") {
    values.add(tenant_id);
  } else {
    values.add(std::string_view(format_uuid(*tenant_id)));
  }
}

Oid tenant_oid(const Layout& layout) {
  return layout.tenant_type == "text" ? Oid::kText : Oid::kUuid;
}

}  // namespace

Insertion Insertion::of_all(const PreparedAppend& append) {
  Insertion insertion(append);
  std::vector<std::int32_t> ordinals(append.streams.size(), 0);
  for (std::uint32_t i = 0; i < append.events.size(); ++i) {
    insertion.add(i, append.streams[append.events[i].stream].expected_version, ordinals);
  }
  return insertion;
}

Insertion Insertion::of_new(const PreparedAppend& append, const Decision& decision,
                            std::span<const StreamState> states) {
  Insertion insertion(append);
  insertion.is_first_ = false;
  std::vector<std::int32_t> ordinals(append.streams.size(), 0);
  for (std::uint32_t i = 0; i < append.events.size(); ++i) {
    if (decision.known[i] == 0) insertion.add(i, states[append.events[i].stream].version, ordinals);
  }
  return insertion;
}

void Insertion::add(std::uint32_t index, std::int64_t expected, std::vector<std::int32_t>& ordinals) {
  const PreparedEvent& event = append_->events[index];
  std::int32_t& ordinal = ordinals[event.stream];
  if (ordinal == 0) {
    streams_.push_back({event.stream, expected, event.tenant_id, 0});
    ordinal = static_cast<std::int32_t>(streams_.size());
  }
  Stream& stream = streams_[static_cast<std::size_t>(ordinal) - 1];
  is_possible_ = is_possible_ && stream.tenant_id == event.tenant_id;
  events_.push_back({index, ordinal, ++stream.events});
}

const Statement& Insertion::statement(const AppendStatements& statements) const {
  if (!is_of_one_stream()) return statements.streams;
  return is_single() ? statements.event : statements.stream;
}

Parameters Insertion::parameters(const Layout& layout, bool probe_ids) const {
  Parameters parameters;
  if (is_of_one_stream()) {
    add_stream(parameters, layout);
  } else {
    add_streams(parameters, layout);
  }
  if (is_single()) {
    add_event(parameters);
  } else {
    add_events(parameters);
  }
  add_probes(parameters, probe_ids);
  return parameters;
}

void Insertion::add_stream(Parameters& parameters, const Layout& layout) const {
  const Stream& stream = streams_.front();
  const StreamName& name = append_->streams[stream.index].name;
  parameters.add(name.aggregate_id);
  parameters.add(name.aggregate_type);
  parameters.add(stream.expected);
  add_tenant(parameters, stream.tenant_id, layout);
  parameters.add(stream.events);
}

void Insertion::add_streams(Parameters& parameters, const Layout& layout) const {
  Array ids(Oid::kUuid);
  Array types(Oid::kText);
  Array expected(Oid::kInt8);
  Array tenants(tenant_oid(layout));
  Array counts(Oid::kInt4);
  for (const Stream& stream : streams_) {
    const StreamName& name = append_->streams[stream.index].name;
    ids.add(name.aggregate_id);
    types.add(name.aggregate_type);
    expected.add(stream.expected);
    add_tenant(tenants, stream.tenant_id, layout);
    counts.add(stream.events);
  }
  Array ordinals(Oid::kInt4);
  Array nths(Oid::kInt4);
  Array event_streams(Oid::kUuid);
  Array event_types(Oid::kText);
  Array event_tenants(tenant_oid(layout));
  for (const Event& item : events_) {
    const PreparedEvent& event = append_->events[item.index];
    const StreamName& name = append_->streams[event.stream].name;
    ordinals.add(item.stream);
    nths.add(item.nth);
    event_streams.add(name.aggregate_id);
    event_types.add(name.aggregate_type);
    add_tenant(event_tenants, event.tenant_id, layout);
  }
  for (Array* array :
       {&ids, &types, &expected, &tenants, &counts, &ordinals, &nths, &event_streams, &event_types, &event_tenants}) {
    parameters.add(std::move(*array));
  }
}

void Insertion::add_event(Parameters& parameters) const {
  const PreparedEvent& event = append_->events[events_.front().index];
  parameters.add(event.event_id);
  parameters.add(event.event_type);
  parameters.add(event.actor_id);
  parameters.add_time(event.occurred_at);
  parameters.add(event.head);
  parameters.add(event.tail);
}

void Insertion::add_events(Parameters& parameters) const {
  Array ids(Oid::kUuid);
  Array types(Oid::kText);
  Array actors(Oid::kText);
  Array times(Oid::kTimestamptz);
  Array heads(Oid::kText);
  Array tails(Oid::kText);
  for (const Event& item : events_) {
    const PreparedEvent& event = append_->events[item.index];
    ids.add(event.event_id);
    types.add(event.event_type);
    actors.add(event.actor_id);
    times.add_time(event.occurred_at);
    heads.add(event.head);
    tails.add(event.tail);
  }
  for (Array* array : {&ids, &types, &actors, &times, &heads, &tails}) parameters.add(std::move(*array));
}

void Insertion::add_probes(Parameters& parameters, bool probe_ids) const {
  Array ids(Oid::kUuid);
  if (probe_ids) {
    for (const Event& item : events_) ids.add(append_->events[item.index].event_id);
  }
  parameters.add(std::move(ids));
}

// Positions were drawn in the order of the events.
void Insertion::take(std::vector<Written>& written, Decision& decision) const {
  std::ranges::sort(written, {}, &Written::position);
  for (std::size_t i = 0; i < written.size(); ++i) {
    const Event& item = events_[i];
    const std::uint32_t stream = append_->events[item.index].stream;
    decision.positions[item.index] = written[i].position;
    decision.versions[item.index] = written[i].version;
    decision.stream_versions[stream] = std::max(decision.stream_versions[stream], written[i].version);
  }
}

}  // namespace eventsource::core::postgres
