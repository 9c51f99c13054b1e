// Tables that another DDL made from the columns of eventsource-py's guide: they are opened as they are.
#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventsource/page.h"
#include "eventsource/status.h"

#include "core/store/store.hpp"
#include "tests/support/postgres_connection.hpp"
#include "tests/support/postgres_place.hpp"

namespace postgres_test {
namespace {

using eventsource::core::AppendInput;
using eventsource::core::AppendResult;
using eventsource::core::Error;
using eventsource::core::EventInput;
using eventsource::core::Filter;
using eventsource::core::ReadOptions;
using eventsource::core::Result;
using eventsource::core::Settings;
using eventsource::core::Store;
using eventsource::core::StreamName;
using eventsource::core::Uuid;
using test_support::PostgresConnection;
using test_support::PostgresSchema;

// Every column is of another type than ours where there is a choice, named keys have other names, and there is more.
constexpr const char* kBare = R"sql(
CREATE TABLE events (
  note TEXT,
  payload JSONB NOT NULL,
  version BIGINT NOT NULL,
  tenant_id VARCHAR,
  actor_id TEXT,
  event_type TEXT NOT NULL,
  aggregate_type TEXT NOT NULL,
  aggregate_id UUID NOT NULL,
  event_id UUID NOT NULL,
  timestamp TIMESTAMPTZ NOT NULL,
  created_at TIMESTAMPTZ DEFAULT now(),
  inserted_by TEXT DEFAULT current_user,
  global_position SERIAL PRIMARY KEY
);
CREATE UNIQUE INDEX one_event ON events (event_id);
ALTER TABLE events ADD CONSTRAINT one_version UNIQUE (version, aggregate_id, aggregate_type);
CREATE TABLE snapshots (
  state JSONB, created_at TIMESTAMPTZ DEFAULT now(), schema_version BIGINT, version BIGINT, aggregate_type TEXT,
  aggregate_id UUID, PRIMARY KEY (aggregate_type, aggregate_id)
);
)sql";

// As kBare, with another column for the positions.
std::string with_position(const std::string& column) {
  std::string sql = kBare;
  const std::string usual = "global_position SERIAL PRIMARY KEY";
  return sql.replace(sql.find(usual), usual.size(), column);
}

Uuid id_of(std::uint64_t number) {
  Uuid id;
  for (std::size_t i = 0; i < 8; ++i) id.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  id.bytes[0] = 0xAB;
  return id;
}

struct Asked {
  bool backward = false;
  std::int64_t page_events = ES_PAGE_EVENTS_DEFAULT;
  std::optional<std::int64_t> after = {};
  std::int64_t through = 0;
  std::optional<Filter> filter = {};
};

struct Read {
  std::int64_t position = 0;
  std::int64_t version = 0;
  std::int64_t occurred_at = 0;
  std::int64_t stored_at = 0;
  std::uint32_t flags = 0;
  std::optional<Uuid> tenant_id;
  std::string data;
};

class OpenStore {
 public:
  explicit OpenStore(const std::string& url, const Settings& settings = {}) {
    auto store = Store::open(url, settings, {}, eventsource::core::system_environment());
    if (!store.ok()) {
      ADD_FAILURE() << store.error().message();
    } else {
      store_ = std::move(store).value();
    }
  }
  Store* operator->() const { return store_.get(); }

  // One event for each id, in the stream Order `stream`.
  Result<AppendResult> append(std::uint64_t stream, const std::vector<std::uint64_t>& ids,
                              std::int64_t expected = ES_ANY, const std::optional<Uuid>& tenant_id = {},
                              std::string_view data = R"({"total":1.10})") const {
    AppendInput input;
    input.streams.push_back({{"Order", id_of(stream)}, expected});
    for (const std::uint64_t id : ids) {
      EventInput event;
      event.event_type = "Placed";
      event.data = data;
      event.event_id = id_of(id);
      event.tenant_id = tenant_id;
      input.events.push_back(event);
    }
    return now(store_->append(input, {}));
  }
  [[nodiscard]] std::vector<std::int64_t> positions(std::uint64_t stream, const std::vector<std::uint64_t>& ids) const {
    auto result = append(stream, ids);
    if (!result.ok()) ADD_FAILURE() << result.error().message();
    return result.ok() ? result.value().outcome.positions : std::vector<std::int64_t>();
  }

  // The log in pages of `page_events`, from one to the next.
  [[nodiscard]] std::vector<Read> log(const Asked& asked = {}) const {
    ReadOptions read;
    read.content = ES_CONTENT_DOCUMENT | ES_CONTENT_DATA;
    read.backward = asked.backward;
    read.page_events = asked.page_events;
    read.after = asked.after;
    read.through = asked.through;
    read.filter = asked.filter;
    std::vector<Read> events;
    for (;;) {
      const auto page = now(store_->read_log(read, {}));
      if (!page.ok()) {
        ADD_FAILURE() << page.error().message();
        return events;
      }
      EXPECT_EQ(page.value()->header().token.offset, 0U);
      for (std::size_t i = 0; const es_record* record = page.value()->record(i); ++i)
        events.push_back(read_of(*page.value(), *record));
      if ((page.value()->header().flags & ES_PAGE_END) != 0) return events;
      read.after = page.value()->header().scanned_through;
    }
  }
  [[nodiscard]] std::vector<std::int64_t> log_positions(const Asked& asked = {}) const {
    std::vector<std::int64_t> positions;
    for (const Read& event : log(asked)) positions.push_back(event.position);
    return positions;
  }

  void close() { store_.reset(); }

 private:
  static Read read_of(const eventsource::core::Page& page, const es_record& record) {
    Read event;
    event.position = record.global_position;
    event.version = record.version;
    event.occurred_at = record.occurred_at;
    event.stored_at = record.stored_at;
    event.flags = record.flags;
    event.data = page.text(record.data).value_or("");
    if ((record.presence & ES_HAS_TENANT) != 0) {
      event.tenant_id.emplace();
      std::copy(std::begin(record.tenant_id), std::end(record.tenant_id), event.tenant_id->bytes.begin());
    }
    return event;
  }

  std::shared_ptr<Store> store_;
};

Error open_error(const std::string& url, const Settings& settings = {}) {
  const auto store = Store::open(url, settings, {}, eventsource::core::system_environment());
  if (!store.ok()) return store.error();
  ADD_FAILURE() << "it was opened";
  return Error(ES_OK, "");
}

using Positions = std::vector<std::int64_t>;

// A row as somebody else wrote it. `tenant` is SQL.
std::string row(std::uint64_t id, std::uint64_t stream, int version, const std::string& tenant) {
  return "INSERT INTO events (event_id, aggregate_id, aggregate_type, event_type, tenant_id, version, timestamp, "
         "payload) "
         "VALUES ('" +
         format_uuid(id_of(id)) + "', '" + format_uuid(id_of(stream)) + "', 'Order', 'Placed', " + tenant + ", " +
         std::to_string(version) + ", now(), '{\"total\": 5}');";
}

// ---- Bare tables ----

TEST(BareTables, TakeAppendsAndGiveThemBack) {
  const PostgresSchema schema(kBare);
  const OpenStore store(schema.url());
  EXPECT_TRUE(store->identity().id.is_nil());
  EXPECT_EQ(store->identity().schema_version, 0);
  EXPECT_EQ(now(store->head({})).value(), 0);
  const auto first = store.append(1, {1, 2, 3}, ES_NO_STREAM);
  ASSERT_TRUE(first.ok()) << first.error().message();
  EXPECT_EQ(first.value().token, "");
  EXPECT_EQ(first.value().outcome.positions, (Positions{1, 2, 3}));
  EXPECT_EQ(first.value().outcome.versions, (Positions{1, 2, 3}));
  EXPECT_EQ(now(store->stream_version({"Order", id_of(1)}, {})).value(), 3);
  const auto events = store.log({.page_events = 2});
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[2].version, 3);
  EXPECT_EQ(events[2].data, R"({"total":1.10})");
  EXPECT_EQ(store.append(1, {4}, 2).error().code(), ES_VERSION_CONFLICT);
  const auto again = store.append(1, {1, 2, 3}, ES_NO_STREAM);
  ASSERT_TRUE(again.ok()) << again.error().message();
  EXPECT_EQ(again.value().outcome.positions, first.value().outcome.positions);
  const auto inspection = now(store->inspect({}));
  ASSERT_TRUE(inspection.ok()) << inspection.error().message();
  EXPECT_EQ(inspection.value().events, 3);
  EXPECT_GT(inspection.value().file_bytes, 0);
}

TEST(BareTables, KeepSnapshots) {
  const PostgresSchema schema(kBare);
  const OpenStore store(schema.url());
  const StreamName stream{"Order", id_of(1)};
  EXPECT_TRUE(now(store->save_snapshot(stream, 2, 1, R"({"total":5})", {})).value());
  EXPECT_FALSE(now(store->save_snapshot(stream, 1, 1, "{}", {})).value());
  EXPECT_TRUE(now(store->save_snapshot(stream, 3, 1, "{}", {})).value());
  const auto snapshot = now(store->load_snapshot(stream, {}));
  ASSERT_TRUE(snapshot.ok()) << snapshot.error().message();
  EXPECT_EQ(snapshot.value().version, 3);
  EXPECT_EQ(snapshot.value().state, "{}");
  EXPECT_EQ(now(store->inspect({})).value().snapshots, 1);
  EXPECT_TRUE(now(store->delete_snapshot(stream, {})).value());
}

TEST(BareTables, WithoutSnapshotsSayHowToMakeThem) {
  const PostgresSchema schema(std::string(kBare) + "DROP TABLE snapshots;");
  const OpenStore store(schema.url());
  const auto saved = now(store->save_snapshot({"Order", id_of(1)}, 1, 1, "{}", {}));
  EXPECT_EQ(saved.error().code(), ES_NOT_A_STORE);
  EXPECT_NE(saved.error().message().find("all.sql"), std::string::npos) << saved.error().message();
}

// No unique key, so that nothing keeps two snapshots of one stream apart.
TEST(BareTables, SnapshotsWithoutTheirKeyAreRefusedForWriting) {
  const PostgresSchema schema(std::string(kBare) + "ALTER TABLE snapshots DROP CONSTRAINT snapshots_pkey;");
  const OpenStore store(schema.url());
  EXPECT_TRUE(store.append(1, {1}).ok());
  const auto saved = now(store->save_snapshot({"Order", id_of(1)}, 1, 1, "{}", {}));
  EXPECT_EQ(saved.error().code(), ES_NOT_A_STORE);
  EXPECT_NE(saved.error().message().find("aggregate_id, aggregate_type"), std::string::npos) << saved.error().message();
}

class BarePositions : public ::testing::TestWithParam<const char*> {};

TEST_P(BarePositions, AreDrawnInTheCallersOrder) {
  const PostgresSchema schema(with_position(GetParam()));
  const OpenStore store(schema.url());
  EXPECT_EQ(store.positions(9, {1, 2}), (Positions{1, 2}));
  EXPECT_EQ(store.positions(1, {3, 4}), (Positions{3, 4}));
  EXPECT_EQ(store.log_positions(), (Positions{1, 2, 3, 4}));
  EXPECT_EQ(store.log_positions({.backward = true, .page_events = 1}), (Positions{4, 3, 2, 1}));
}

INSTANTIATE_TEST_SUITE_P(Columns, BarePositions,
                         ::testing::Values("global_position SERIAL PRIMARY KEY",
                                           "global_position BIGSERIAL PRIMARY KEY",
                                           "global_position INT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
                                           "global_position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"));

TEST(BareTables, PositionsAtTheEndOfAnIntegerAreReadAndAppended) {
  const PostgresSchema schema(std::string(kBare) + "ALTER SEQUENCE events_global_position_seq RESTART 2147483646;");
  const OpenStore store(schema.url());
  const Positions last{2'147'483'646, 2'147'483'647};
  EXPECT_EQ(store.positions(1, {1, 2}), last);
  EXPECT_EQ(store.log_positions(), last);
  Filter filter;
  filter.event_types = {"Placed"};
  EXPECT_EQ(store.log_positions({.page_events = 1, .filter = filter}), last);
  EXPECT_EQ(store.log_positions({.backward = true, .page_events = 1, .filter = filter}), (Positions{last[1], last[0]}));
  const auto more = store.append(1, {3});
  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.error().sqlstate(), "2200H") << more.error().message();
  EXPECT_EQ(store.log_positions(), last);
}

TEST(BareTables, InASchemaWithAnAwkwardName) {
  const PostgresSchema schema;
  PostgresConnection sql(schema.url());
  const std::string name = R"(o'br"ien \ Ü)";
  const std::string quoted = R"("o'br""ien \ Ü")";
  sql.run("CREATE SCHEMA " + quoted + "; SET search_path = " + quoted + ";" + kBare);
  {
    // Another table of the name, in a schema further back on the path, is not meant.
    const OpenStore store(test_support::with_parameter(test_support::test_server_url(), "options",
                                                       R"(-csearch_path="o'br""ien\ \\\ Ü",)" + schema.name()));
    EXPECT_EQ(store.positions(1, {1}), (Positions{1}));
    EXPECT_EQ(store.log_positions(), (Positions{1}));
    EXPECT_GT(now(store->inspect({})).value().file_bytes, 0);
    EXPECT_TRUE(now(store->save_snapshot({"Order", id_of(1)}, 1, 1, "{}", {})).value());
  }
  EXPECT_EQ(sql.number("SELECT count(*) FROM " + quoted + ".events"), 1);
  sql.run("DROP SCHEMA " + quoted + " CASCADE");
}

// What other DDLs leave out: NOT NULL.
TEST(BareTables, ARowWithNothingInItIsReadAsWhatItIs) {
  const PostgresSchema schema(std::string(kBare) + row(1, 1, 1, "NULL") + row(2, 2, 1, "NULL") +
                              "UPDATE events SET created_at = NULL WHERE global_position = 1;"
                              "ALTER TABLE events ALTER payload DROP NOT NULL, ALTER timestamp DROP NOT NULL;"
                              "UPDATE events SET payload = NULL, timestamp = NULL WHERE global_position = 2;");
  const OpenStore store(schema.url());
  const auto events = store.log();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].stored_at, ES_TIME_BEFORE) << "no time is no time, not some other one";
  EXPECT_EQ(events[0].flags, 0U);
  EXPECT_EQ(events[1].occurred_at, ES_TIME_BEFORE);
  EXPECT_EQ(events[1].flags, ES_RECORD_BROKEN_DOCUMENT);
}

// ---- TRUNCATE ----

TEST(ATruncatedTable, StartsAtZeroAndGoesOnWithLaterPositions) {
  const PostgresSchema schema(kBare);
  PostgresConnection sql(schema.url());
  const OpenStore store(schema.url());
  EXPECT_EQ(store.positions(1, {1, 2, 3}), (Positions{1, 2, 3}));
  sql.run("TRUNCATE events");
  const OpenStore later(schema.url());
  for (const OpenStore* open : {&store, &later}) {
    EXPECT_EQ(now((*open)->head({})).value(), 0);
    EXPECT_EQ(now((*open)->count({}, {})).value(), 0);
    EXPECT_EQ(now((*open)->stream_version({"Order", id_of(1)}, {})).value(), 0);
    EXPECT_EQ(open->log_positions(), Positions{});
    EXPECT_EQ(open->log_positions({.backward = true}), Positions{});
    EXPECT_EQ(open->log_positions({.after = 3}), Positions{});
  }
  // The same ids are new, and the stream begins again.
  const auto first = store.append(1, {1, 2}, ES_NO_STREAM);
  ASSERT_TRUE(first.ok()) << first.error().message();
  EXPECT_EQ(first.value().outcome.positions, (Positions{4, 5}));
  EXPECT_EQ(first.value().outcome.versions, (Positions{1, 2}));
  EXPECT_EQ(later.positions(2, {3}), (Positions{6}));
  Filter filter;
  filter.event_types = {"Placed"};
  for (const std::optional<Filter>& by : {std::optional<Filter>(), std::optional<Filter>(filter)}) {
    EXPECT_EQ(store.log_positions({.page_events = 1, .filter = by}), (Positions{4, 5, 6}));
    EXPECT_EQ(store.log_positions({.page_events = 2, .after = 2, .filter = by}), (Positions{4, 5, 6}));
    EXPECT_EQ(store.log_positions({.page_events = 2, .after = 4, .filter = by}), (Positions{5, 6}));
    EXPECT_EQ(store.log_positions({.page_events = 2, .after = 4, .through = 5, .filter = by}), (Positions{5}));
    EXPECT_EQ(store.log_positions({.through = 3, .filter = by}), Positions{});
    EXPECT_EQ(store.log_positions({.backward = true, .page_events = 1, .filter = by}), (Positions{6, 5, 4}));
    EXPECT_EQ(store.log_positions({.backward = true, .after = 5, .filter = by}), (Positions{4}));
  }
  EXPECT_EQ(now(store->head({})).value(), 6);
}

TEST(ATruncatedTable, WhoseSequenceWasResetStartsAtOne) {
  const PostgresSchema schema(kBare);
  PostgresConnection sql(schema.url());
  const OpenStore store(schema.url());
  EXPECT_EQ(store.positions(1, {1, 2, 3}), (Positions{1, 2, 3}));
  sql.run("TRUNCATE events RESTART IDENTITY");
  EXPECT_EQ(store.positions(1, {1, 2}), (Positions{1, 2}));
  EXPECT_EQ(store.log_positions(), (Positions{1, 2}));
}

// ---- Tenants as text ----

constexpr const char* kTenant = "'ABCDEF00-0000-4000-8000-0000000000AB'";
const Uuid& tenant_id() {
  static const Uuid kId = [] {
    Uuid id;
    EXPECT_TRUE(eventsource::core::parse_uuid("abcdef00-0000-4000-8000-0000000000ab", id));
    return id;
  }();
  return kId;
}

class TextTenant : public ::testing::TestWithParam<const char*> {};

TEST_P(TextTenant, IsTheSameInEveryWayAUuidIsWritten) {
  const PostgresSchema schema(std::string(kBare) + row(1, 1, 1, GetParam()) + row(2, 2, 1, "NULL"));
  const OpenStore store(schema.url());
  const auto events = store.log();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].tenant_id, tenant_id());
  EXPECT_EQ(events[0].flags, 0U);
  EXPECT_FALSE(events[1].tenant_id);
  EXPECT_EQ(events[1].flags, 0U);
  Filter filter;
  filter.tenant_id = tenant_id();
  EXPECT_EQ(store.log_positions({.filter = filter}), (Positions{1}));
  EXPECT_EQ(now(store->count(filter, {})).value(), 1);
  EXPECT_EQ(store.append(1, {3}, 1).error().code(), ES_WRONG_TENANT);
  EXPECT_EQ(store.append(1, {3}, ES_ANY, id_of(7)).error().code(), ES_WRONG_TENANT);
  EXPECT_EQ(store.append(2, {3}, ES_ANY, tenant_id()).error().code(), ES_WRONG_TENANT);
  EXPECT_TRUE(store.append(1, {3}, 1, tenant_id()).ok());
  EXPECT_EQ(store.log_positions({.filter = filter}), (Positions{1, 3}));
  PostgresConnection sql(schema.url());
  EXPECT_EQ(sql.run("SELECT tenant_id FROM events WHERE version = 2"), "abcdef00-0000-4000-8000-0000000000ab");
}

INSTANTIATE_TEST_SUITE_P(Spellings, TextTenant,
                         ::testing::Values(kTenant, "'abcdef00-0000-4000-8000-0000000000ab'",
                                           "'ABCDEF000000400080000000000000AB'", "'abcdef000000400080000000000000ab'"));

class ForeignTenant : public ::testing::TestWithParam<const char*> {};

TEST_P(ForeignTenant, ShowsAsAbsentWithAFlagAndItsStreamTakesNothing) {
  const PostgresSchema schema(std::string(kBare) + row(1, 1, 1, GetParam()) + row(2, 2, 1, kTenant));
  const OpenStore store(schema.url());
  const auto events = store.log();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_FALSE(events[0].tenant_id);
  EXPECT_EQ(events[0].flags, ES_RECORD_FOREIGN_TENANT);
  Filter filter;
  filter.tenant_id = tenant_id();
  EXPECT_EQ(store.log_positions({.filter = filter}), (Positions{2}));
  EXPECT_EQ(now(store->count(filter, {})).value(), 1);
  for (const std::int64_t expected : {std::int64_t{1}, std::int64_t{ES_ANY}, std::int64_t{ES_STREAM_EXISTS}}) {
    EXPECT_EQ(store.append(1, {3}, expected).error().code(), ES_WRONG_TENANT) << expected;
    EXPECT_EQ(store.append(1, {3}, expected, tenant_id()).error().code(), ES_WRONG_TENANT) << expected;
  }
  EXPECT_EQ(store.append(1, {3}, 5).error().code(), ES_VERSION_CONFLICT);
  EXPECT_EQ(now(store->head({})).value(), 2);
}

// Names; almost a UUID; what only PostgreSQL's own uuid type takes.
INSTANTIATE_TEST_SUITE_P(Texts, ForeignTenant,
                         ::testing::Values("'acme'", "''", "'ABCDEF00-0000-4000-8000-0000000000A'",
                                           "'ABCDEF00-00004000-8000-0000000000AB'",
                                           "'{ABCDEF00-0000-4000-8000-0000000000AB}'",
                                           "' ABCDEF00-0000-4000-8000-0000000000AB'"));

// ---- What is no store ----

TEST(OtherTables, WithoutTheirKeysAreReadButNotWritten) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"ALTER TABLE events DROP CONSTRAINT one_version;", "aggregate_id, aggregate_type, version"},
      {"DROP INDEX one_event;", "event_id"},
      {"DROP INDEX one_event; CREATE UNIQUE INDEX ON events (event_id) WHERE version > 1;", "event_id"},
      {"ALTER TABLE events DROP CONSTRAINT one_version; ALTER TABLE events ADD UNIQUE (aggregate_id, aggregate_type, "
       "version) DEFERRABLE INITIALLY DEFERRED;",
       "aggregate_id, aggregate_type, version"},
      {"ALTER SEQUENCE events_global_position_seq CACHE 10;", "CACHE 1"},
      {"ALTER TABLE events ALTER global_position DROP DEFAULT; DROP SEQUENCE events_global_position_seq;", "sequence"},
  };
  for (const auto& [change, words] : cases) {
    const PostgresSchema schema(std::string(kBare) + row(1, 1, 1, "NULL") + change);
    const Error error = open_error(schema.url());
    EXPECT_EQ(error.code(), ES_NOT_A_STORE) << change;
    EXPECT_NE(error.message().find(words), std::string::npos) << error.message();
    Settings settings;
    settings.read_only = true;
    const OpenStore store(schema.url(), settings);
    EXPECT_EQ(store.log_positions(), (Positions{1})) << change;
  }
}

TEST(OtherTables, OfTheLayoutWithoutPositionsAreRefusedWithTheUpgrade) {
  std::string old = with_position("other INT");
  old.replace(old.find("event_id UUID NOT NULL"), 22, "event_id UUID PRIMARY KEY");
  // Written in another order than that of their creation.
  std::string rows = row(1, 1, 1, "NULL") + row(2, 2, 1, "NULL") + row(3, 1, 2, "NULL");
  const PostgresSchema schema(old + rows +
                              "UPDATE events SET created_at = timestamptz '2025-01-01 00:00Z' + interval '1 hour' * "
                              "CASE right(event_id::text, 1) WHEN '1' THEN 2 WHEN '2' THEN 1 ELSE 3 END;");
  for (const bool read_only : {false, true}) {
    Settings settings;
    settings.read_only = read_only;
    EXPECT_EQ(open_error(schema.url(), settings).code(), ES_FOREIGN_STORE);
  }
  const std::string message = open_error(schema.url()).message();
  const std::size_t start = message.find(":\n--");
  ASSERT_NE(start, std::string::npos) << message;
  PostgresConnection(schema.url()).run(message.substr(start + 2));
  const OpenStore store(schema.url());
  EXPECT_EQ(store.log_positions(), (Positions{1, 2, 3}));
  const auto events = store.log();
  EXPECT_EQ(events.at(0).version, 1);
  EXPECT_EQ(
      PostgresConnection(schema.url()).run("SELECT right(event_id::text, 1) FROM events WHERE global_position = 1"),
      "2");
  EXPECT_EQ(store.positions(2, {4}), (Positions{4}));
}

}  // namespace
}  // namespace postgres_test
