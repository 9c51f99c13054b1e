#include "core/postgres/recognise.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>

#include "core/backend/backend.hpp"
#include "core/postgres/error.hpp"
#include "core/sql/postgres.hpp"

namespace eventsource::core::postgres {
namespace {

using Columns = std::map<std::string, std::string, std::less<>>;  // type by name

// In alphabetic order.
constexpr std::string_view kStreamKey = "aggregate_id,aggregate_type,version";
constexpr std::string_view kEventKey = "event_id";

// The tables are those that the search path finds, and have their schema in front from then on.
constexpr StatementView kDatabase{
    "",
    "SELECT pg_is_in_recovery(), current_setting('server_encoding'), "
    "(SELECT format('%I', n.nspname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.oid = to_regclass('events'))"};

constexpr StatementView kColumns{
    "",
    "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, NULL) "
    "FROM pg_class e JOIN pg_class c ON c.relnamespace = e.relnamespace "
    "AND c.relname IN ('events', 'snapshots', 'eventsource_schema') AND c.relkind IN ('r', 'p') "
    "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
    "WHERE e.oid = to_regclass('events')"};

// Each with its columns in alphabetic order. A partial or deferred one guards nothing.
constexpr StatementView kUniqueKeys{"",
                                    "SELECT c.relname::text, (SELECT string_agg(a.attname, ',' ORDER BY a.attname) "
                                    "FROM pg_attribute a "
                                    "WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1])) "
                                    "FROM pg_class e JOIN pg_class c ON c.relnamespace = e.relnamespace "
                                    "AND c.relname IN ('events', 'snapshots') "
                                    "JOIN pg_index i ON i.indrelid = c.oid "
                                    "WHERE e.oid = to_regclass('events') AND i.indisunique "
                                    "AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL"};

// Named by the column's default (also of a serial column), or that of an identity column.
constexpr StatementView kSequence{
    "",
    "SELECT quote_literal(format('%I.%I', n.nspname, s.relname)), q.seqcache, has_sequence_privilege(s.oid, 'USAGE'), "
    "q.seqmin > 0 AND q.seqincrement > 0 AND NOT q.seqcycle "
    "FROM pg_class e "
    "JOIN pg_namespace en ON en.oid = e.relnamespace "
    "JOIN pg_attribute a ON a.attrelid = e.oid AND a.attname = 'global_position' "
    "LEFT JOIN pg_attrdef d ON d.adrelid = e.oid AND d.adnum = a.attnum "
    "JOIN pg_class s ON s.relkind = 'S' AND s.oid = coalesce("
    "(SELECT p.refobjid FROM pg_depend p JOIN pg_class r ON r.oid = p.refobjid AND r.relkind = 'S' "
    "WHERE p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid LIMIT 1), "
    "pg_get_serial_sequence(format('%I.events', en.nspname), 'global_position')::regclass::oid) "
    "JOIN pg_namespace n ON n.oid = s.relnamespace "
    "JOIN pg_sequence q ON q.seqrelid = s.oid "
    "WHERE e.oid = to_regclass('events')"};

struct ColumnRule {
  const char* name;
  std::array<std::string_view, 3> types;  // those behind the last are empty, as no column's is
};

// The guide's columns, with the types that other DDLs gave them.
constexpr ColumnRule kEventColumns[] = {
    {"global_position", {"bigint", "integer"}},
    {"event_id", {"uuid"}},
    {"aggregate_id", {"uuid"}},
    {"aggregate_type", {"character varying", "text"}},
    {"event_type", {"character varying", "text"}},
    {"tenant_id", {"uuid", "character varying", "text"}},
    {"actor_id", {"character varying", "text"}},
    {"version", {"integer", "bigint"}},
    {"timestamp", {"timestamp with time zone"}},
    {"payload", {"json", "jsonb"}},
    {"created_at", {"timestamp with time zone"}},
};

constexpr ColumnRule kSnapshotColumns[] = {
    {"aggregate_id", {"uuid"}},         {"aggregate_type", {"character varying", "text"}},
    {"version", {"integer", "bigint"}}, {"schema_version", {"integer", "bigint"}},
    {"state", {"json", "jsonb"}},       {"created_at", {"timestamp with time zone"}},
};

constexpr ColumnRule kIdentityColumns[] = {{"store_id", {"uuid"}}, {"schema_version", {"integer", "bigint"}}};

// One look at a database.
class Recognition {
 public:
  Recognition(Connection& connection, const std::string& shown, const Call& call)
      : connection_(connection), shown_(shown), call_(call) {}

  Result<Recognised> recognise(bool for_writing) {
    RETURN_IF_ERROR(look());
    if (encoding_ != "UTF8") return wrong_encoding();
    if (!found_.has_events) return std::move(found_);
    RETURN_IF_ERROR(check_events());
    if (for_writing) RETURN_IF_ERROR(check_guards());
    RETURN_IF_ERROR(take_snapshots());
    if (tables_.contains("eventsource_schema")) RETURN_IF_ERROR(read_identity());
    return std::move(found_);
  }

 private:
  [[nodiscard]] Status look() {
    const Parameters none;
    const Step steps[] = {
        {kDatabase, none,
         [this](const Row& row) {
           found_.is_standby = row.boolean(0);
           encoding_ = row.text(1);
           found_.has_events = !row.is_null(2);
           schema_ = row.text(2);
           return true;
         }},
        {kColumns, none,
         [this](const Row& row) {
           tables_[std::string(row.text(0))].emplace(row.text(1), row.text(2));
           return true;
         }},
        {kUniqueKeys, none,
         [this](const Row& row) {
           keys_[std::string(row.text(0))].emplace(row.text(1));
           return true;
         }},
        {kSequence, none,
         [this](const Row& row) {
           sequence_ = row.text(0);
           cache_ = row.integer(1);
           may_draw_ = row.boolean(2);
           is_rising_ = row.boolean(3);
           return true;
         }},
    };
    return connection_.transact_now(Access::kRead, steps, call_);
  }

  [[nodiscard]] Status check_events() {
    const Columns& columns = tables_["events"];
    if (columns.empty()) return not_a_store(schema_ + ".events is no table");
    if (!columns.contains("global_position") && columns.contains("event_id") && columns.contains("payload")) {
      return without_positions();
    }
    RETURN_IF_ERROR(check_columns("events", columns, kEventColumns));
    found_.layout.events = schema_ + ".events";
    found_.layout.payload_type = columns.find("payload")->second;
    found_.layout.tenant_type = columns.find("tenant_id")->second == "uuid" ? "uuid" : "text";
    if (may_draw_) found_.layout.draw = "nextval(" + sequence_ + "::regclass)";
    return {};
  }

  // What appends rest on.
  [[nodiscard]] Status check_guards() const {
    if (!has_key("events", kStreamKey)) {
      return unguarded("aggregate_id, aggregate_type, version");
    }
    if (!has_key("events", kEventKey)) return unguarded("event_id");
    if (sequence_.empty()) {
      return not_a_store("column global_position of " + found_.layout.events +
                         " has no sequence: make it an identity column (sql/postgres/all.sql shows how)");
    }
    if (!is_rising_) {
      return not_a_store(
          "the sequence " + sequence_ +
          " can hand out positions that are no higher than those before, or below 1: run ALTER SEQUENCE … "
          "INCREMENT 1 MINVALUE 1 NO CYCLE");
    }
    if (cache_ != 1) {
      return not_a_store(
          "the sequence " + sequence_ + " hands out " + std::to_string(cache_) +
          " positions at a time, so that later events can get earlier ones: run ALTER SEQUENCE … CACHE 1");
    }
    return {};
  }

  [[nodiscard]] Status take_snapshots() {
    const auto table = tables_.find("snapshots");
    if (table == tables_.end()) return {};
    RETURN_IF_ERROR(check_columns("snapshots", table->second, kSnapshotColumns));
    found_.layout.snapshots = schema_ + ".snapshots";
    found_.layout.state_type = table->second.find("state")->second;
    found_.layout.snapshots_are_unique = has_key("snapshots", "aggregate_id,aggregate_type");
    return {};
  }

  [[nodiscard]] Status read_identity() {
    RETURN_IF_ERROR(check_columns("eventsource_schema", tables_["eventsource_schema"], kIdentityColumns));
    const Statement statement{"", "SELECT store_id, schema_version FROM " + schema_ + ".eventsource_schema"};
    const Parameters none;
    const Step step{statement, none, [this](const Row& row) {
                      found_.has_identity = true;
                      found_.store_id = row.id(0);
                      found_.schema_version = static_cast<std::int32_t>(row.integer(1));
                      return true;
                    }};
    RETURN_IF_ERROR(connection_.transact_now(Access::kRead, {&step, 1}, call_));
    if (!found_.has_identity || found_.store_id.is_nil() || found_.schema_version < 1) {
      return Error(ES_CORRUPT_STORE, shown_ + ": table " + schema_ +
                                         ".eventsource_schema does not say who the store is: restore its row");
    }
    if (found_.schema_version > kSchemaVersion) {
      return Error(ES_SCHEMA_TOO_NEW, shown_ + ": the store has schema version " +
                                          std::to_string(found_.schema_version) + ", this library knows " +
                                          std::to_string(kSchemaVersion) +
                                          ": open it with a newer version of the library");
    }
    return {};
  }

  [[nodiscard]] Status check_columns(const std::string& table, const Columns& columns,
                                     std::span<const ColumnRule> rules) const {
    for (const ColumnRule& rule : rules) {
      const auto column = columns.find(std::string_view(rule.name));
      const std::string where = "table " + schema_ + "." + table;
      if (column == columns.end()) return not_a_store(where + " has no column " + rule.name);
      if (std::ranges::find(rule.types, column->second) == rule.types.end()) {
        return not_a_store("column " + std::string(rule.name) + " of " + where + " is " + column->second + ", not " +
                           std::string(rule.types.front()));
      }
    }
    return {};
  }

  [[nodiscard]] bool has_key(std::string_view table, std::string_view columns) const {
    const auto keys = keys_.find(table);
    return keys != keys_.end() && keys->second.contains(columns);
  }

  [[nodiscard]] Error not_a_store(const std::string& why) const {
    return Error(ES_NOT_A_STORE, shown_ + ": " + why + ". sql/postgres/all.sql has the tables of a store");
  }

  [[nodiscard]] Error unguarded(const std::string& columns) const {
    return not_a_store("table " + found_.layout.events + " has no unique key on (" + columns +
                       "), so that nothing would keep two writers apart: make one, or open with option read_only");
  }

  [[nodiscard]] Error wrong_encoding() const {
    return not_a_store("the database is encoded in " + encoding_ +
                       ": events are UTF-8, make a database WITH ENCODING 'UTF8'");
  }

  [[nodiscard]] Error without_positions() const {
    return Error(ES_FOREIGN_STORE, shown_ + ": table " + schema_ +
                                       ".events was made by eventsource-py before 0.3.1 and has no global_position. "
                                       "Make a backup, stop its writers, and run:\n" +
                                       std::string(sql::postgres_add_global_position));
  }

  Connection& connection_;
  const std::string& shown_;
  const Call& call_;
  Recognised found_;
  std::string schema_;  // quoted
  std::string encoding_;
  std::map<std::string, Columns, std::less<>> tables_;
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> keys_;  // by table
  std::string sequence_;                                                         // as a literal
  std::int64_t cache_ = 1;
  bool may_draw_ = false;
  bool is_rising_ = false;  // and begins above 0, which means "before the first"
};

}  // namespace

Result<Recognised> recognise(Connection& connection, const std::string& shown, bool for_writing, const Call& call) {
  return Recognition(connection, shown, call).recognise(for_writing);
}

}  // namespace eventsource::core::postgres
