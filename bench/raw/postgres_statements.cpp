#include "bench/raw/postgres_statements.hpp"

#include "bench/common/arguments.hpp"

namespace {

// One event. The version that is found must be the expected one.
constexpr const char* kOne = R"sql(
INSERT INTO events (event_id, aggregate_id, aggregate_type, event_type, actor_id, version, timestamp, payload)
SELECT $1::uuid, $2::uuid, $3::varchar, $4::varchar, $5::varchar, $6::int4 + 1, $7::timestamptz, $8::json
WHERE coalesce((SELECT e.version FROM events e WHERE e.aggregate_id = $2::uuid AND e.aggregate_type = $3::varchar
                ORDER BY e.version DESC LIMIT 1), 0) = $6::int4
RETURNING global_position, version)sql";

// Events of streams apart, each checked by itself.
constexpr const char* kMany = R"sql(
INSERT INTO events (event_id, aggregate_id, aggregate_type, event_type, actor_id, version, timestamp, payload)
SELECT u.event_id, u.aggregate_id, u.aggregate_type, u.event_type, u.actor_id, u.expected + 1, u.occurred_at, u.payload
FROM unnest($1::uuid[], $2::uuid[], $3::varchar[], $4::varchar[], $5::varchar[], $6::int4[], $7::timestamptz[],
            $8::json[])
       AS u (event_id, aggregate_id, aggregate_type, event_type, actor_id, expected, occurred_at, payload)
  LEFT JOIN LATERAL (SELECT e.version FROM events e
                     WHERE e.aggregate_id = u.aggregate_id AND e.aggregate_type = u.aggregate_type
                     ORDER BY e.version DESC LIMIT 1) head ON true
WHERE coalesce(head.version, 0) = u.expected
RETURNING event_id, global_position, version)sql";

// Events of one stream, checked once.
constexpr const char* kStream = R"sql(
INSERT INTO events (event_id, aggregate_id, aggregate_type, event_type, actor_id, version, timestamp, payload)
SELECT u.event_id, $2::uuid, $3::varchar, u.event_type, u.actor_id, $6::int4 + u.n, u.occurred_at, u.payload
FROM unnest($1::uuid[], $4::varchar[], $5::varchar[], $7::timestamptz[], $8::json[]) WITH ORDINALITY
       AS u (event_id, event_type, actor_id, occurred_at, payload, n)
WHERE coalesce((SELECT e.version FROM events e WHERE e.aggregate_id = $2::uuid AND e.aggregate_type = $3::varchar
                ORDER BY e.version DESC LIMIT 1), 0) = $6::int4
ORDER BY u.n
RETURNING event_id, global_position, version)sql";

constexpr std::uint32_t kUuid = 2950;
constexpr std::uint32_t kVarchar = 1043;
constexpr std::uint32_t kInt4 = 23;
constexpr std::uint32_t kTimestamptz = 1184;
constexpr std::uint32_t kJson = 114;

std::string_view bytes_of(const Id& id) {
  return {reinterpret_cast<const char*>(id.data()), id.size()};
}

// An array of what `add` adds for each of the events.
template <typename Add>
std::string array_of(std::uint32_t type, std::span<const Event> events, Add add) {
  Array array(type, events.size());
  for (const Event& event : events) add(array, event);
  return array.take();
}

std::string actors(std::span<const Event> events) {
  return array_of(kVarchar, events, [](Array& array, const Event& event) {
    event.sample->actor_id.empty() ? array.add_null() : array.add(event.sample->actor_id);
  });
}

void add_ids(Values& values, std::span<const Event> events) {
  values.keep(array_of(kUuid, events, [](Array& array, const Event& event) { array.add(bytes_of(event.event_id)); }));
}

void add_types(Values& values, std::span<const Event> events) {
  values.keep(
      array_of(kVarchar, events, [](Array& array, const Event& event) { array.add(event.sample->event_type); }));
}

void add_times_and_documents(Values& values, std::span<const Event> events) {
  values.keep(array_of(kTimestamptz, events,
                       [](Array& array, const Event& event) { array.add_number(event.occurred_at - kEpochUs); }));
  values.keep(array_of(kJson, events, [](Array& array, const Event& event) { array.add(event.document); }));
}

}  // namespace

void prepare_appends(Link& link) {
  link.prepare(kAppendOne, kOne);
  link.prepare(kAppendMany, kMany);
  link.prepare(kAppendStream, kStream);
}

Values append_one(const Event& event) {
  Values values;
  values.add(bytes_of(event.event_id));
  values.add(bytes_of(event.stream));
  values.add(kAggregateType);
  values.add(event.sample->event_type);
  if (event.sample->actor_id.empty()) {
    values.add_null();
  } else {
    values.add(event.sample->actor_id);
  }
  values.add_number(event.expected);
  values.add_number(event.occurred_at - kEpochUs);
  values.add(event.document);
  return values;
}

Values append_many(std::span<const Event> events) {
  Values values;
  add_ids(values, events);
  values.keep(array_of(kUuid, events, [](Array& array, const Event& event) { array.add(bytes_of(event.stream)); }));
  values.keep(array_of(kVarchar, events, [](Array& array, const Event&) { array.add(kAggregateType); }));
  add_types(values, events);
  values.keep(actors(events));
  values.keep(array_of(kInt4, events, [](Array& array, const Event& event) { array.add_number(event.expected); }));
  add_times_and_documents(values, events);
  return values;
}

Values append_stream(std::span<const Event> events) {
  Values values;
  add_ids(values, events);
  values.add(bytes_of(events.front().stream));
  values.add(kAggregateType);
  add_types(values, events);
  values.keep(actors(events));
  values.add_number(events.front().expected);
  add_times_and_documents(values, events);
  return values;
}

// Every event was stored; a caller is told its position, the last but one column.
void check_appended(const PGresult* rows, std::size_t count) {
  if (static_cast<std::size_t>(PQntuples(rows)) != count) fail("append", "a version check refused an event");
  std::int64_t last = 0;
  for (int row = 0; row < PQntuples(rows); ++row) last = number_at(PQgetvalue(rows, row, PQnfields(rows) - 2));
  if (last <= 0) fail("append", "an event has no position");
}
