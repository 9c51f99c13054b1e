#include "core/postgres/statements.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "eventsource/limits.h"

#include "core/base/defect.hpp"
#include "core/base/time_text.hpp"
#include "core/postgres/sql_text.hpp"

namespace eventsource::core::postgres {
namespace {

constexpr const char* kColumns =
    "global_position, version, timestamp, created_at, event_id, aggregate_id, tenant_id, event_type, aggregate_type, "
    "actor_id, payload";

constexpr const char* kHeads = R"sql(
SELECT s.n, head.version, head.tenant_id::text
FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS s (aggregate_id, aggregate_type, n)
JOIN LATERAL (
  SELECT e.version, e.tenant_id FROM {events} e
  WHERE e.aggregate_id = s.aggregate_id AND e.aggregate_type = s.aggregate_type AND e.version IS NOT NULL
  ORDER BY e.version DESC LIMIT 1
) head ON true)sql";

// jsonb has rewritten the document: only the server can tell whether the values are the same.
constexpr const char* kSameData =
    "CASE WHEN jsonb_typeof(e.payload) = 'object' THEN (e.payload - '{event_id,event_type,event_version,occurred_at,"
    "aggregate_id,aggregate_type,aggregate_version,tenant_id,actor_id,correlation_id,causation_id,metadata}'::text[]) "
    "= i.data::jsonb ELSE false END";

constexpr const char* kKnown = R"sql(
SELECT i.n, e.global_position, e.version, e.aggregate_type, e.aggregate_id, e.event_type, {content}
FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS i (event_id, data, n)
JOIN {events} e ON e.event_id = i.event_id)sql";

// A snapshot replaces another if its schema is newer, or the same with a later version.
constexpr const char* kSaveSnapshot = R"sql(
INSERT INTO {snapshots} AS old (aggregate_id, aggregate_type, version, schema_version, state, created_at)
VALUES ($1::uuid, $2::text, $3::int4, $4::int4, $5::text::{state_type}, now())
ON CONFLICT (aggregate_id, aggregate_type) DO UPDATE
SET version = excluded.version, schema_version = excluded.schema_version, state = excluded.state,
    created_at = excluded.created_at
WHERE (excluded.schema_version, excluded.version) {newer} (old.schema_version, old.version)
RETURNING 1)sql";

// The conditions of a filter, with parameters from `next` on. `mask` tells which there are, for the statement's name.
std::string conditions(const Layout& layout, const Filter& filter, int next, int& mask) {
  std::string text;
  mask = 0;
  const auto add = [&](int bit, const std::string& condition, int parameters) {
    text += " AND " + condition;
    mask |= bit;
    next += parameters;
  };
  const auto nth = [&](int offset = 0) { return "$" + std::to_string(next + offset); };
  if (!filter.event_types.empty()) add(1, "event_type = ANY (" + nth() + "::text[])", 1);
  if (!filter.aggregate_types.empty()) add(2, "aggregate_type = ANY (" + nth() + "::text[])", 1);
  if (filter.tenant_id) {
    const bool is_text = layout.tenant_type == "text";
    add(4,
        is_text
            ? same_tenant_text("tenant_id", nth() + "::text")
            : (ES_DEFECT(postgresql_tenantless_pass) ? "coalesce(tenant_id, " + nth() + "::uuid) = " : "tenant_id = ") +
                  nth() + "::uuid",
        1);
  }
  if (filter.occurred_from != std::numeric_limits<std::int64_t>::min())
    add(8, "timestamp >= " + nth() + "::timestamptz", 1);
  if (filter.occurred_to != std::numeric_limits<std::int64_t>::max())
    add(16, "timestamp < " + nth() + "::timestamptz", 1);
  if (filter.partitions > 1) {
    add(32, "(uuid_hash_extended(aggregate_id, 0) & 9223372036854775807) % " + nth(1) + "::int8 = " + nth() + "::int8",
        2);
  }
  return text;
}

std::string as_literal(std::string text) {
  for (std::size_t at = text.find('\''); at != std::string::npos; at = text.find('\'', at + 2))
    text.insert(at, 1, '\'');
  return "'" + text + "'";
}

std::string direction(const LogQuery& query) {
  return query.backward ? "_backward" : "_forward";
}

}  // namespace

Statements::Statements(const Layout& layout) : append(layout) {
  const auto made = [&](const char* name, const std::string& text) {
    return Statement{name, filled(text, {{"events", layout.events},
                                         {"columns", kColumns},
                                         {"events_text", as_literal(layout.events)},
                                         {"snapshots", layout.snapshots},
                                         {"state_type", layout.state_type},
                                         {"newer", ES_DEFECT(postgresql_any_snapshot) ? "<>" : ">"},
                                         {"content", layout.payload_type == "jsonb" ? kSameData : "e.payload"}})};
  };
  const std::string stream =
      "SELECT {columns} FROM {events} WHERE aggregate_id = $1::uuid AND aggregate_type = $2::text "
      "AND version BETWEEN $3::int8 AND $4::int8 ORDER BY version";
  look = made("es_look", "SELECT coalesce(max(global_position), 0)::int8, now() FROM {events}");
  stream_forward = made("es_stream_forward", stream + " LIMIT $5::int8");
  stream_backward = made("es_stream_backward", stream + " DESC LIMIT $5::int8");
  event = made("es_event", "SELECT {columns} FROM {events} WHERE event_id = $1::uuid");
  stream_version = made("es_stream_version",
                        "SELECT version FROM {events} WHERE aggregate_id = $1::uuid AND aggregate_type = $2::text "
                        "AND version IS NOT NULL ORDER BY version DESC LIMIT 1");
  heads = made("es_heads", kHeads);
  known = made("es_known", kKnown);
  save_snapshot = made("es_save_snapshot", kSaveSnapshot);
  same_snapshot =
      made("es_same_snapshot",
           "SELECT 1 FROM {snapshots} WHERE aggregate_id = $1::uuid AND aggregate_type = $2::text AND "
           "version = $3::int4 AND schema_version = $4::int4 AND state::text = $5::text::{state_type}::text");
  load_snapshot = made("es_load_snapshot",
                       "SELECT version, schema_version, created_at, state FROM {snapshots} "
                       "WHERE aggregate_id = $1::uuid AND aggregate_type = $2::text");
  delete_snapshot =
      made("es_delete_snapshot",
           "DELETE FROM {snapshots} WHERE aggregate_id = $1::uuid AND aggregate_type = $2::text RETURNING 1");
  count_streams = made("", "SELECT count(*) FROM (SELECT DISTINCT aggregate_id, aggregate_type FROM {events}) s");
  count_snapshots = made("", "SELECT count(*) FROM {snapshots}");
  count_types = made("",
                     "SELECT aggregate_type, event_type, count(*) FROM {events} GROUP BY 1, 2 "
                     "ORDER BY aggregate_type COLLATE \"C\", event_type COLLATE \"C\"");
  sizes = made("",
               "SELECT coalesce(min(global_position), 0)::int8, coalesce(max(global_position), 0)::int8, "
               "pg_total_relation_size(to_regclass({events_text})) FROM {events}");
}

Statement log_statement(const Layout& layout, const LogQuery& query) {
  int mask = 0;
  const std::string filter = conditions(layout, query.filter, 4, mask);
  const std::string text =
      query.backward
          ? "SELECT {columns} FROM {events} WHERE global_position < $1::int8 AND global_position >= {first}{filter} "
            "ORDER BY global_position DESC LIMIT $3::int8"
          : "SELECT {columns} FROM {events} WHERE global_position > $1::int8 AND global_position <= {last}{filter} "
            "ORDER BY global_position LIMIT $3::int8";
  const std::string scan = std::to_string(ES_PAGE_SCAN_EVENTS - 1);
  // As many positions as a page may look at hold at most as many events, from the first event on: a gap costs nothing.
  const std::string first =
      mask == 0 ? "$2::int8"
                : "(SELECT max(global_position)::int8 - " + scan +
                      " FROM {events} WHERE global_position < $1::int8 AND global_position >= $2::int8)";
  const std::string last = mask == 0 ? "$2::int8"
                                     : "least($2::int8, (SELECT min(global_position)::int8 + " + scan +
                                           " FROM {events} WHERE global_position > $1::int8))";
  return {
      "es_log" + direction(query) + std::to_string(mask),
      filled(text,
             {{"first", first}, {"last", last}, {"columns", kColumns}, {"events", layout.events}, {"filter", filter}})};
}

Statement range_statement(const Layout& layout, const LogQuery& query) {
  const std::string scan = std::to_string(ES_PAGE_SCAN_EVENTS - 1);
  const std::string forward =
      "SELECT coalesce((SELECT max(global_position) FROM {events}), 0)::int8, now(), r.last::int8, "
      "EXISTS (SELECT FROM {events} WHERE global_position > r.last AND global_position <= $2::int8) "
      "FROM (SELECT max(global_position) AS last FROM {events} WHERE global_position > $1::int8 AND global_position <= "
      "least($2::int8, (SELECT min(global_position)::int8 + " +
      scan + " FROM {events} WHERE global_position > $1::int8))) r";
  const std::string backward =
      "SELECT coalesce((SELECT max(global_position) FROM {events}), 0)::int8, now(), r.last::int8, "
      "EXISTS (SELECT FROM {events} WHERE global_position < r.last AND global_position >= $2::int8) "
      "FROM (SELECT min(global_position) AS last FROM {events} WHERE global_position < $1::int8 AND global_position >= "
      "(SELECT max(global_position)::int8 - " +
      scan + " FROM {events} WHERE global_position < $1::int8)) r";
  return {"es_range" + direction(query), filled(query.backward ? backward : forward, {{"events", layout.events}})};
}

Statement count_statement(const Layout& layout, const Filter& filter) {
  int mask = 0;
  const std::string filtered = conditions(layout, filter, 1, mask);
  return {"", "SELECT count(*) FROM " + layout.events + " WHERE true" + filtered};
}

void add_filter(Parameters& parameters, const Layout& layout, const Filter& filter) {
  const auto add_names = [&](const std::vector<std::string>& names) {
    if (names.empty()) return;
    Array array(Oid::kText);
    for (const std::string& name : names) array.add(std::string_view(name));
    parameters.add(std::move(array));
  };
  add_names(filter.event_types);
  add_names(filter.aggregate_types);
  if (filter.tenant_id && layout.tenant_type == "text") parameters.add(format_uuid(*filter.tenant_id));
  if (filter.tenant_id && layout.tenant_type != "text") parameters.add(*filter.tenant_id);
  // What is out of our years is out of the server's as well, or on the same side.
  const auto add_time = [&](std::int64_t us) { parameters.add_time(std::clamp(us, kTimeMin, kTimeMax + 1)); };
  if (filter.occurred_from != std::numeric_limits<std::int64_t>::min()) add_time(filter.occurred_from);
  if (filter.occurred_to != std::numeric_limits<std::int64_t>::max()) add_time(filter.occurred_to);
  if (filter.partitions > 1) {
    parameters.add(std::int64_t{filter.partition});
    parameters.add(std::int64_t{filter.partitions});
  }
}

}  // namespace eventsource::core::postgres
