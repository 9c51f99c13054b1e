// The ceiling: the same rows through plain libpq calls, without anything of the engine. Prints a "name value unit" line.
// One thread, one connection with the server's defaults.
//
//   raw_postgres WORK SOURCE_URL TARGET_URL
//
// The tables are the engine's own; the events are rows of SOURCE, documents and all. Appends give the version: the unique
// key of stream and version is their check. All statements are prepared, all values binary, each append is one durable
// commit.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <string_view>

#include "bench/libpq.hpp"
#include "bench/report.hpp"
#include "bench/sizes.hpp"

namespace {

// The values of kColumns.
using Event = Fields;

constexpr const char* kColumns =
    "event_id, aggregate_id, aggregate_type, event_type, tenant_id, actor_id, version, timestamp, payload";
enum Column : std::size_t { kEventId, kAggregateId, kAggregateType, kVersion = 6, kColumnCount = 9 };

constexpr Oid kUuid = 2950;
constexpr Oid kVarchar = 1043;
constexpr std::array<Oid, kColumnCount> kTypes = {kUuid, kUuid, kVarchar, kVarchar, kUuid, kVarchar, 23, 1184, 114};

std::vector<Event> load(Database& source, std::size_t count) {
  source.prepare("load", std::string("SELECT ") + kColumns + " FROM events ORDER BY global_position LIMIT $1::int8");
  const Field limit = number(static_cast<std::int64_t>(count));
  const Rows rows = source.execute("load", {&limit, 1});
  std::vector<Event> events(static_cast<std::size_t>(PQntuples(rows.get())), Event(kColumnCount));
  for (std::size_t i = 0; i < events.size(); ++i) {
    for (std::size_t column = 0; column < kColumnCount; ++column) {
      events[i][column] = field(rows.get(), static_cast<int>(i), static_cast<int>(column));
    }
  }
  return events;
}

// `size` events at a time to a stream of their own; its id is that of its first event.
std::vector<Event> in_streams(std::vector<Event> events, std::size_t size) {
  events.resize(events.size() / size * size);
  for (std::size_t i = 0; i < events.size(); ++i) {
    events[i][kAggregateId] = events[i / size * size][kEventId];
    events[i][kVersion] = number(static_cast<std::int32_t>(i % size + 1));
  }
  return events;
}

void write_singles(Database& database, const std::vector<Event>& events, const char* name) {
  database.prepare("insert", std::string("INSERT INTO events (") + kColumns + ") VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)");
  const auto start = Clock::now();
  for (const Event& event : events) database.execute("insert", event);
  report(name, events.size(), start);
}

// One array a column.
Fields arrays(std::span<const Event> events) {
  Fields arrays;
  for (std::size_t column = 0; column < kColumnCount; ++column) {
    std::string& array = arrays.emplace_back(std::in_place).value();
    put_array(array, kTypes[column], events.size());
    for (const Event& event : events) put_field(array, event[column]);
  }
  return arrays;
}

void write_batches(Database& database, std::span<const Event> events, std::size_t size, const char* name) {
  database.prepare("insert_many", std::string("INSERT INTO events (") + kColumns +
                                      ") SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::varchar[], $4::varchar[], "
                                      "$5::uuid[], $6::varchar[], $7::int4[], $8::timestamptz[], $9::json[])");
  const auto start = Clock::now();
  for (std::size_t from = 0; from < events.size(); from += size) {
    database.execute("insert_many", arrays(events.subspan(from, std::min(size, events.size() - from))));
  }
  report(name, events.size(), start);
}

std::string copy_rows(std::span<const Event> events) {
  using namespace std::string_view_literals;
  std::string bytes("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"sv);
  for (const Event& event : events) {
    put_number(bytes, static_cast<std::int16_t>(kColumnCount));
    for (const Field& value : event) put_field(bytes, value);
  }
  put_number(bytes, std::int16_t{-1});
  return bytes;
}

void write_copies(Database& database, std::span<const Event> events, std::size_t size, const char* name) {
  const std::string sql = std::string("COPY events (") + kColumns + ") FROM STDIN (FORMAT binary)";
  const auto start = Clock::now();
  for (std::size_t from = 0; from < events.size(); from += size) {
    database.copy_in(sql, copy_rows(events.subspan(from, std::min(size, events.size() - from))));
  }
  report(name, events.size(), start);
}

// Looks at every value, so that none is only received.
std::size_t touch(const PGresult* rows) {
  std::size_t sum = 0;
  for (int row = 0; row < PQntuples(rows); ++row) {
    for (int column = 0; column < PQnfields(rows); ++column) {
      if (PQgetisnull(rows, row, column) != 0) continue;
      sum += static_cast<std::size_t>(PQgetlength(rows, row, column)) +
             static_cast<unsigned char>(*PQgetvalue(rows, row, column));
    }
  }
  return sum;
}

void load_streams(Database& database, const char* name) {
  database.prepare("streams", "SELECT DISTINCT aggregate_id, aggregate_type FROM events");
  database.prepare("stream", std::string("SELECT global_position, ") + kColumns +
                                 ", created_at FROM events WHERE aggregate_id = $1 AND aggregate_type = $2 "
                                 "ORDER BY version");
  const Rows rows = database.execute("streams", {});
  std::vector<Fields> streams;
  for (int i = 0; i < PQntuples(rows.get()); ++i) streams.push_back({field(rows.get(), i, 0), field(rows.get(), i, 1)});
  std::size_t count = 0;
  std::size_t sum = 0;
  const auto start = Clock::now();
  while (count < kEventsToLoad) {
    for (const Fields& stream : streams) {
      const Rows events = database.execute("stream", stream);
      count += static_cast<std::size_t>(PQntuples(events.get()));
      sum += touch(events.get());
    }
  }
  report(name, count, start);
  if (sum == 0) std::exit(1);
}

// Keyset pages of 1,000.
void read_all(Database& database, const char* name) {
  database.prepare("page", std::string("SELECT global_position, ") + kColumns +
                               ", created_at FROM events WHERE global_position > $1 ORDER BY global_position "
                               "LIMIT 1000");
  Field after = number(std::int64_t{0});
  std::size_t count = 0;
  std::size_t sum = 0;
  const auto start = Clock::now();
  while (true) {
    const Rows page = database.execute("page", {&after, 1});
    const int rows = PQntuples(page.get());
    if (rows == 0) break;
    count += static_cast<std::size_t>(rows);
    sum += touch(page.get());
    after = field(page.get(), rows - 1, 0);
  }
  report(name, count, start);
  if (sum == 0) std::exit(1);
}

void copy_all(Database& database, const char* name) {
  const std::string sql =
      std::string("COPY events (global_position, ") + kColumns + ", created_at) TO STDOUT (FORMAT binary)";
  const auto start = Clock::now();
  const std::size_t count = database.copy_out(sql);
  report(name, count, start);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: raw_postgres WORK SOURCE_URL TARGET_URL\n");
    return 2;
  }
  const char* const work = argv[1];
  const std::string_view name = work;
  Database source(argv[2]);
  Database target(argv[3]);
  if (name == "single_append") {
    write_singles(target, load(source, kSingles), work);
  } else if (name == "append_100") {
    write_batches(target, in_streams(load(source, kEventsInHundreds), 100), 100, work);
  } else if (name == "append_1000") {
    write_batches(target, in_streams(load(source, kEventsInThousands), 1000), 1000, work);
  } else if (name == "copy_1000") {
    write_copies(target, in_streams(load(source, kEventsInThousands), 1000), 1000, work);
  } else if (name == "stream_load") {
    load_streams(target, work);
  } else if (name == "full_read") {
    read_all(target, work);
  } else if (name == "copy_out") {
    copy_all(target, work);
  } else if (name == "import") {
    constexpr std::size_t kAll = 1'000'000'000;
    write_batches(target, load(source, kAll), 1000, work);
  } else {
    std::fprintf(stderr, "raw_postgres: no work %s\n", work);
    return 2;
  }
  return 0;
}
