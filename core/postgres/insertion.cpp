#include "core/postgres/insertion.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/base/defect.hpp"

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
  Insertion insertion;
  insertion.probes_ids_ = append.skip_duplicates;
  std::vector<std::int32_t> ordinals(append.streams.size(), 0);
  for (std::uint32_t i = 0; i < append.events.size(); ++i) {
    insertion.add(append, i, append.streams[append.events[i].stream].expected_version, ordinals);
  }
  return insertion;
}

Insertion Insertion::of_new(const PreparedAppend& append, const Decision& decision,
                            std::span<const StreamState> states) {
  Insertion insertion;
  insertion.probes_ids_ = append.skip_duplicates;
  insertion.is_first_ = false;
  std::vector<std::int32_t> ordinals(append.streams.size(), 0);
  for (std::uint32_t i = 0; i < append.events.size(); ++i) {
    if (decision.known[i] == 0) insertion.add(append, i, states[append.events[i].stream].version, ordinals);
  }
  return insertion;
}

void Insertion::add(const PreparedAppend& append, std::uint32_t index, std::int64_t expected,
                    std::vector<std::int32_t>& ordinals) {
  const PreparedEvent& event = append.events[index];
  std::int32_t& ordinal = ordinals[event.stream];
  if (ordinal == 0) {
    streams_.push_back({&append.streams[event.stream].name, expected, event.tenant_id, 0, 1});
    ordinal = static_cast<std::int32_t>(streams_.size());
  }
  Stream& stream = streams_[static_cast<std::size_t>(ordinal) - 1];
  is_possible_ = is_possible_ && stream.tenant_id == event.tenant_id;
  events_.push_back({&event, 0, index, ordinal, ++stream.events});
}

Insertion Insertion::of_batch(std::span<const BatchItem> items) {
  Insertion insertion;
  insertion.is_batch_ = true;
  insertion.parts_ = 0;
  StreamIndex streams;
  for (std::uint32_t i = 0; i < items.size(); ++i) insertion.add_item(*items[i].append, i, streams);
  if (insertion.are_singles()) insertion.sort_by_stream();
  return insertion;
}

void Insertion::add_item(const PreparedAppend& append, std::uint32_t item, StreamIndex& streams) {
  if (!is_of_one_tenant(append)) return;
  std::vector<std::int32_t> ordinals;
  for (const StreamInput& stream : append.streams) {
    const auto known = streams.find(stream.name);
    ordinals.push_back(known == streams.end() ? 0 : known->second);
    if (ordinals.back() != 0 && !continues(append, streams_[static_cast<std::size_t>(ordinals.back()) - 1])) return;
  }
  if (ordinals.front() == 0) {
    ++parts_;
    for (std::size_t i = 0; i < append.streams.size(); ++i) {
      const StreamInput& stream = append.streams[i];
      streams_.push_back({&stream.name, stream.expected_version, append.events.front().tenant_id, 0, parts_});
      ordinals[i] = static_cast<std::int32_t>(streams_.size());
      streams.emplace(stream.name, ordinals[i]);
    }
  }
  for (std::uint32_t i = 0; i < append.events.size(); ++i) {
    const std::int32_t ordinal = ordinals[append.events[i].stream];
    events_.push_back({&append.events[i], item, i, ordinal, ++streams_[static_cast<std::size_t>(ordinal) - 1].events});
  }
}

bool Insertion::continues(const PreparedAppend& append, const Stream& stream) const {
  if (append.streams.size() != 1 || append.skip_duplicates || stream.tenant_id != append.events.front().tenant_id) {
    return false;
  }
  // A part of several streams is one append.
  const auto is_of_part = [&](const Stream& other) { return other.part == stream.part; };
  if (std::ranges::count_if(streams_, is_of_part) != 1) return false;
  const std::int64_t expected = append.streams.front().expected_version;
  return expected < 0 || (stream.expected >= 0 && expected == stream.expected + stream.events);
}

bool Insertion::is_of_one_tenant(const PreparedAppend& append) {
  const std::optional<Uuid>& tenant_id = append.events.front().tenant_id;
  return std::ranges::all_of(append.events, [&](const PreparedEvent& event) { return event.tenant_id == tenant_id; });
}

bool Insertion::is_exact() const {
  return std::ranges::all_of(streams_, [](const Stream& stream) { return stream.expected >= 0; });
}

// Rows go in by stream, so that two writers never wait for each other in a circle.
void Insertion::sort_by_stream() {
  std::ranges::sort(events_, {}, [this](const Event& event) {
    const StreamName& name = *stream_of(event).name;
    return std::pair(name.aggregate_id.bytes, name.aggregate_type);
  });
  std::vector<Stream> streams;
  streams.reserve(streams_.size());
  for (Event& event : events_) {
    streams.push_back(stream_of(event));
    event.stream = static_cast<std::int32_t>(streams.size());
  }
  streams_ = std::move(streams);
}

const Statement& Insertion::statement(const AppendStatements& statements) const {
  const AppendStatements::Forms& forms = is_exact() ? statements.whole : statements.halves;
  if (are_singles()) return forms.singles;
  if (!is_of_one_stream()) return forms.streams;
  return is_single() ? forms.event : forms.stream;
}

Parameters Insertion::parameters(const Layout& layout) const {
  Parameters parameters;
  if (are_singles()) {
    add_singles(parameters, layout);
  } else if (is_of_one_stream()) {
    add_stream(parameters, layout);
  } else {
    add_streams(parameters, layout);
  }
  if (is_single()) {
    add_event(parameters);
  } else {
    add_events(parameters);
  }
  if (!are_singles()) add_probes(parameters);
  if (is_single()) {
    add_document(parameters);
  } else {
    add_documents(parameters, layout);
  }
  return parameters;
}

void Insertion::add_stream(Parameters& parameters, const Layout& layout) const {
  const Stream& stream = streams_.front();
  parameters.add(stream.name->aggregate_id);
  parameters.add(stream.name->aggregate_type);
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
  Array parts(Oid::kInt4);
  for (const Stream& stream : streams_) {
    ids.add(stream.name->aggregate_id);
    types.add(stream.name->aggregate_type);
    expected.add(stream.expected);
    add_tenant(tenants, stream.tenant_id, layout);
    counts.add(stream.events);
    parts.add(stream.part);
  }
  Array ordinals(Oid::kInt4);
  Array nths(Oid::kInt4);
  Array event_streams(Oid::kUuid);
  Array event_types(Oid::kText);
  Array event_tenants(tenant_oid(layout));
  for (const Event& item : events_) {
    const StreamName& name = *stream_of(item).name;
    ordinals.add(item.stream);
    nths.add(item.nth);
    event_streams.add(name.aggregate_id);
    event_types.add(name.aggregate_type);
    add_tenant(event_tenants, item.event->tenant_id, layout);
  }
  for (Array* array : {&ids, &types, &expected, &tenants, &counts, &parts, &ordinals, &nths, &event_streams,
                       &event_types, &event_tenants}) {
    parameters.add(std::move(*array));
  }
}

void Insertion::add_singles(Parameters& parameters, const Layout& layout) const {
  Array ids(Oid::kUuid);
  Array types(Oid::kText);
  Array expected(Oid::kInt8);
  Array tenants(tenant_oid(layout));
  for (const Stream& stream : streams_) {
    ids.add(stream.name->aggregate_id);
    types.add(stream.name->aggregate_type);
    expected.add(stream.expected);
    add_tenant(tenants, stream.tenant_id, layout);
  }
  for (Array* array : {&ids, &types, &expected, &tenants}) parameters.add(std::move(*array));
}

void Insertion::add_event(Parameters& parameters) const {
  const PreparedEvent& event = *events_.front().event;
  parameters.add(event.event_id);
  parameters.add(event.event_type);
  parameters.add(event.actor_id);
  parameters.add_time(event.occurred_at);
}

void Insertion::add_events(Parameters& parameters) const {
  Array ids(Oid::kUuid);
  Array types(Oid::kText);
  Array actors(Oid::kText);
  Array times(Oid::kTimestamptz);
  for (const Event& item : events_) {
    const PreparedEvent& event = *item.event;
    ids.add(event.event_id);
    types.add(event.event_type);
    actors.add(event.actor_id);
    times.add_time(event.occurred_at);
  }
  for (Array* array : {&ids, &types, &actors, &times}) parameters.add(std::move(*array));
}

// The version in decimal, as a document has it.
class Insertion::Version {
 public:
  explicit Version(std::int64_t version)
      : end_(std::to_chars(digits_, digits_ + sizeof digits_,
                           ES_DEFECT(postgresql_stale_document) ? version - 1 : version)
                 .ptr) {}
  [[nodiscard]] std::string_view text() const { return {digits_, static_cast<std::size_t>(end_ - digits_)}; }

 private:
  char digits_[20];
  char* end_;
};

void Insertion::add_document(Parameters& parameters) const {
  const Event& item = events_.front();
  if (is_exact()) {
    parameters.add_joined({item.event->head, Version(version_of(item)).text(), item.event->tail});
  } else {
    parameters.add(item.event->head);
    parameters.add(item.event->tail);
  }
}

void Insertion::add_documents(Parameters& parameters, const Layout& layout) const {
  if (is_exact()) {
    Array documents(layout.payload_type == "json" ? Oid::kJson : Oid::kText);
    for (const Event& item : events_) {
      documents.add_joined({item.event->head, Version(version_of(item)).text(), item.event->tail});
    }
    return parameters.add(std::move(documents));
  }
  Array heads(Oid::kText);
  Array tails(Oid::kText);
  for (const Event& item : events_) {
    heads.add(item.event->head);
    tails.add(item.event->tail);
  }
  parameters.add(std::move(heads));
  parameters.add(std::move(tails));
}

void Insertion::add_probes(Parameters& parameters) const {
  Array ids(Oid::kUuid);
  Array parts(Oid::kInt4);
  for (const Event& item : events_) {
    const Stream& stream = stream_of(item);
    // In a batch a known event must not stand in the way of the others. Where an exact version is expected it has moved on.
    if (!probes_ids_ && (!is_batch_ || stream.expected >= 0)) continue;
    ids.add(item.event->event_id);
    parts.add(stream.part);
  }
  parameters.add(std::move(ids));
  if (!is_of_one_stream()) parameters.add(std::move(parts));
}

bool Insertion::take(std::vector<Written>& written, Decision& decision) const {
  // Positions were drawn in the order of the events.
  std::ranges::sort(written, {}, &Written::position);
  for (std::size_t i = 0; i < written.size(); ++i) {
    const Event& item = events_[i];
    decision.positions[item.index] = written[i].position;
    decision.versions[item.index] = written[i].version;
    std::int64_t& version = decision.stream_versions[item.event->stream];
    version = std::max(version, written[i].version);
  }
  return !written.empty();
}

Insertion::Outcomes::Outcomes(const Insertion& insertion, std::span<const BatchItem> items) : of_items_(items.size()) {
  for (const Event& event : insertion.events_) {
    AppendOutcome& outcome = of_items_[event.item];
    if (!outcome.positions.empty()) continue;
    const PreparedAppend& append = *items[event.item].append;
    outcome.known.resize(append.events.size());
    outcome.positions.resize(append.events.size());
    outcome.versions.resize(append.events.size());
    outcome.stream_versions.resize(append.streams.size());
  }
}

void Insertion::take(std::vector<Written>& written, Outcomes& outcomes, std::span<BatchItem> items) const {
  std::ranges::sort(written, {}, &Written::position);
  std::size_t row = 0;
  for (const Event& event : events_) {
    // The next one that was stored is a later one: this was refused.
    if (row == written.size() || written[row].event_id != event.event->event_id) continue;
    AppendOutcome& outcome = outcomes.of_items_[event.item];
    outcome.positions[event.index] = written[row].position;
    outcome.versions[event.index] = written[row].version;
    std::int64_t& version = outcome.stream_versions[event.event->stream];
    version = std::max(version, written[row].version);
    ++row;
    // The last event of its append.
    if (event.index + 1 == outcome.positions.size()) items[event.item].outcome = std::move(outcome);
  }
}

}  // namespace eventsource::core::postgres
