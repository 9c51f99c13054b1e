#include "core/postgres/append_statements.hpp"

#include <string>

#include "eventsource/limits.h"

#include "core/base/defect.hpp"
#include "core/postgres/sql_text.hpp"

namespace eventsource::core::postgres {
namespace {

// The head of a stream, probed in the unique index; another DDL's column may have nulls, which come first there. That index is also what keeps two writers apart who find the same head.
constexpr const char* kHead = R"sql(LEFT JOIN LATERAL (
    SELECT e.version, e.tenant_id FROM {events} e
    WHERE e.aggregate_id = {id} AND e.aggregate_type = {type} AND e.version IS NOT NULL
    ORDER BY e.version DESC LIMIT 1
  ) head ON true)sql";

constexpr const char* kVersion = "coalesce(head.version, 0)::int8";

// Whether the stream is as expected, of the same tenant, and has room.
constexpr const char* kAccepted = R"sql(
    CASE {expected} WHEN -1 THEN true WHEN -2 THEN head.version IS NOT NULL ELSE {version} = {expected} END
    AND (head.version IS NULL OR {same_tenant}) AND {version} + {count} <= {last_version})sql";

constexpr const char* kUnknown = "NOT EXISTS (SELECT FROM {events} e WHERE e.event_id = ANY ({probed}::uuid[]))";

constexpr const char* kInsert =
    "INSERT INTO {events} ({position} event_id, aggregate_id, aggregate_type, event_type, tenant_id, actor_id, "
    "version, "
    "timestamp, payload, created_at){overriding}";

// An append is stored as a whole. A cast that fails is the one way of SQL alone to end a transaction; the server repeats its
// text in the message.
constexpr const char* kWhole = R"sql(SELECT global_position, version, event_id FROM stored
UNION ALL
SELECT 0, 0, NULL
WHERE CASE WHEN (SELECT count(*) FROM stored) = {wanted} THEN 0
           ELSE ('{kept_back}: ' || (SELECT count(*) FROM stored) || ' of ' || {wanted} || ' are stored')::int END <> 0)sql";

// Most appends are one event: nothing is unnested, sorted or kept aside.
constexpr const char* kEvent = R"sql(
{insert}
SELECT {draw} $6::uuid, $1::uuid, $2::text, $7::text, $4::{tenant_type}, $8::text, {version} + 1, $9::timestamptz,
       {document}, now()
FROM (SELECT {documents}) AS u ({document_names})
  {head}
WHERE {accepted} AND {unknown}
RETURNING global_position, version)sql";

// The events come in the order of their versions, which is also that of their positions.
constexpr const char* kStream = R"sql(
WITH stream AS MATERIALIZED (
  SELECT {version} AS version
  FROM (SELECT) one
  {head}
  WHERE {accepted} AND {unknown}
), stored AS (
{insert}
SELECT {draw} u.event_id, $1::uuid, $2::text, u.event_type, $4::{tenant_type}, u.actor_id, stream.version + u.n,
       u.occurred_at, {document}, now()
FROM stream, unnest($6::uuid[], $7::text[], $8::text[], $9::timestamptz[], {documents})
               WITH ORDINALITY AS u (event_id, event_type, actor_id, occurred_at, {document_names}, n)
ORDER BY u.n
RETURNING global_position, version, event_id
)
{whole})sql";

// Streams of one part are written together or not at all, whatever becomes of other parts. Rows go in by stream, so that two
// writers never wait for each other in a circle; the positions were drawn in the caller's order before. A role that may not
// draw leaves both to the column's default. Versions are taken out of an array, as the planner knows no good join of two
// unnested ones; ids are probed one by one for the same reason.
constexpr const char* kStreams = R"sql(
WITH known AS MATERIALIZED (
  SELECT p.part
  FROM unnest($16::uuid[], $17::int4[]) AS p (event_id, part),
       LATERAL (SELECT FROM {events} e WHERE e.event_id = p.event_id LIMIT 1) e
), stream AS MATERIALIZED (
  SELECT s.n, s.part, {version} AS version, {accepted} AS accepted
  FROM unnest($1::uuid[], $2::text[], $3::int8[], $4::{tenant_type}[], $5::int4[], $6::int4[])
         WITH ORDINALITY AS s (aggregate_id, aggregate_type, expected, tenant_id, events, part, n)
  {head}
), part AS MATERIALIZED (
  SELECT part, bool_and(accepted) AND part <> ALL (ARRAY(SELECT part FROM known)) AS accepted FROM stream GROUP BY part
), verdict AS MATERIALIZED (
  SELECT array_agg(version ORDER BY n) AS versions, array_agg(part ORDER BY n) AS parts,
         (SELECT array_agg(accepted ORDER BY part) FROM part) AS accepted
  FROM stream
), item AS MATERIALIZED (
  SELECT {draw} i.*
  FROM (
    SELECT u.*, v.versions[u.stream] + u.nth AS version
    FROM verdict v, unnest($7::int4[], $8::int4[], $9::uuid[], $10::text[], $11::{tenant_type}[], $12::uuid[],
                           $13::text[], $14::text[], $15::timestamptz[], {documents})
                      WITH ORDINALITY AS u (stream, nth, aggregate_id, aggregate_type, tenant_id, event_id, event_type,
                                            actor_id, occurred_at, {document_names}, n)
    WHERE v.accepted[v.parts[u.stream]]
    ORDER BY {draw_order}
  ) i
), stored AS (
{insert}
SELECT {position} event_id, aggregate_id, aggregate_type, event_type, tenant_id, actor_id, version, occurred_at,
       {document}, now()
FROM item u
ORDER BY {order}
RETURNING global_position, version, event_id
)
{whole})sql";

// One event of each stream, each append by itself. Whose position comes first is nobody's promise: they are sent in the order of
// their streams, and nothing is sorted here. Only where no exact version is expected can an event be known although its stream
// is as expected.
constexpr const char* kSingles = R"sql(
{insert}
SELECT u.event_id, u.aggregate_id, u.aggregate_type, u.event_type, u.tenant_id, u.actor_id, {version} + 1,
       u.occurred_at, {document}, now()
FROM unnest($1::uuid[], $2::text[], $3::int8[], $4::{tenant_type}[], $5::uuid[], $6::text[], $7::text[],
            $8::timestamptz[], {documents})
       AS u (aggregate_id, aggregate_type, expected, tenant_id, event_id, event_type, actor_id, occurred_at,
             {document_names})
  {head}
WHERE {accepted}
  AND CASE WHEN u.expected < 0 THEN NOT EXISTS (SELECT FROM {events} e WHERE e.event_id = u.event_id) ELSE true END
RETURNING global_position, version, event_id)sql";

// The document as it was sent, or put together around the version.
constexpr const char* kWholeDocument = "u.document::{payload_type}";
constexpr const char* kHalves = "(u.head || {new_version}{stale} || u.tail)::{payload_type}";

// How a statement names what it gets of a stream.
struct Names {
  const char* id;
  const char* type;
  const char* expected;
  std::string tenant;
  const char* count;
  const char* probed;
  const char* wanted;       // how many events are to be stored
  const char* new_version;  // of an event
  int documents;            // the number of their first parameter
  const char* dimension;    // of these parameters
};

// NULL would count as accepted.
std::string same_tenant(const Layout& layout, const std::string& wanted) {
  if (ES_DEFECT(postgresql_any_tenant)) return "true";
  if (layout.tenant_type != "text") return "head.tenant_id IS NOT DISTINCT FROM " + wanted;
  return "coalesce(" + same_tenant_text("head.tenant_id", wanted) + ", head.tenant_id IS NULL AND " + wanted +
         " IS NULL)";
}

// jsonb has no array that could be sent without its own form of each value.
std::string documents(const Names& names, bool are_whole, const Layout& layout) {
  const auto parameter = [&](int number, const std::string& type) {
    return "$" + std::to_string(number) + "::" + type + names.dimension;
  };
  if (are_whole) return parameter(names.documents, layout.payload_type == "json" ? "json" : "text");
  return parameter(names.documents, "text") + ", " + parameter(names.documents + 1, "text");
}

Statement made(const std::string& name, const char* text, const Names& names, bool are_whole, const Layout& layout) {
  const bool draws = !layout.draw.empty();
  const std::string same = same_tenant(layout, names.tenant);
  const std::string last_version = std::to_string(ES_MAX_VERSION);
  const std::string draw = draws ? layout.draw + " AS global_position," : "";
  return {name + (are_whole ? "_whole" : ""),
          filled(text, {
                           {"whole", kWhole},
                           {"kept_back", kKeptBack},
                           {"wanted", names.wanted},
                           {"insert", kInsert},
                           {"head", kHead},
                           {"accepted", kAccepted},
                           {"unknown", kUnknown},
                           {"documents", documents(names, are_whole, layout)},
                           {"document_names", are_whole ? "document" : "head, tail"},
                           {"document", are_whole ? kWholeDocument : kHalves},
                           {"new_version", names.new_version},
                           {"version", kVersion},
                           {"same_tenant", same},
                           {"events", layout.events},
                           {"id", names.id},
                           {"type", names.type},
                           {"expected", names.expected},
                           {"count", names.count},
                           {"probed", names.probed},
                           {"tenant_type", layout.tenant_type},
                           {"payload_type", layout.payload_type},
                           {"last_version", last_version},
                           {"stale", ES_DEFECT(postgresql_stale_document) ? " - 1" : ""},
                           {"draw", draw},
                           {"draw_order", ES_DEFECT(postgresql_draws_by_stream) ? "u.aggregate_id DESC, u.n" : "u.n"},
                           {"position", draws ? "global_position," : ""},
                           // Another DDL may have GENERATED ALWAYS; for other columns it says nothing.
                           {"overriding", draws ? "\nOVERRIDING SYSTEM VALUE" : ""},
                           // As insertion.cpp sends streams of one event.
                           {"order", draws ? "aggregate_id, aggregate_type COLLATE \"C\", version" : "n"},
                       })};
}

}  // namespace

AppendStatements::AppendStatements(const Layout& layout) : halves(layout, false), whole(layout, true) {}

AppendStatements::Forms::Forms(const Layout& layout, bool are_whole) {
  const std::string tenant = "$4::" + layout.tenant_type;
  const Names one{"$1::uuid", "$2::text", "$3::int8", tenant, "$5::int4", "$10", "", "{version} + 1", 11, ""};
  Names stream_names = one;
  stream_names.wanted = "(SELECT count(*) FROM stream) * cardinality($6::uuid[])";
  stream_names.new_version = "stream.version + u.n";
  stream_names.dimension = "[]";
  const Names several{"s.aggregate_id",
                      "s.aggregate_type",
                      "s.expected",
                      "s.tenant_id",
                      "s.events",
                      "",
                      "(SELECT count(*) FROM item)",
                      "u.version",
                      18,
                      "[]"};
  const Names apart{
      "u.aggregate_id", "u.aggregate_type", "u.expected", "u.tenant_id", "1", "", "", "{version} + 1", 9, "[]"};
  Layout by_default = layout;
  by_default.draw.clear();
  event = made("es_append_event", kEvent, one, are_whole, layout);
  stream = made("es_append_stream", kStream, stream_names, are_whole, layout);
  streams = made("es_append_streams", kStreams, several, are_whole, layout);
  singles = made("es_append_singles", kSingles, apart, are_whole, by_default);
}

}  // namespace eventsource::core::postgres
