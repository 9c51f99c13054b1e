#include "bench/raw/postgres_read.hpp"

#include "bench/common/measure.hpp"
#include "bench/common/workload.hpp"
#include "bench/raw/link.hpp"

namespace {

// The columns that the engine reads.
#define COLUMNS                                                                                                      \
  "global_position, version, timestamp, created_at, event_id, aggregate_id, tenant_id, event_type, aggregate_type, " \
  "actor_id, payload"

constexpr const char* kStream = "SELECT " COLUMNS
                                " FROM events WHERE aggregate_id = $1::uuid AND aggregate_type = $2::varchar "
                                "ORDER BY version";
constexpr const char* kPage =
    "SELECT " COLUMNS " FROM events WHERE global_position > $1::int8 ORDER BY global_position LIMIT $2::int8";
#undef COLUMNS

// Every value, so that none is only received.
void copy_out(const PGresult* rows, std::string& buffer) {
  buffer.clear();
  for (int row = 0; row < PQntuples(rows); ++row) {
    for (int column = 0; column < PQnfields(rows); ++column) {
      buffer.append(PQgetvalue(rows, row, column), static_cast<std::size_t>(PQgetlength(rows, row, column)));
    }
  }
}

}  // namespace

void postgres_load(const Arguments& arguments) {
  const std::vector<Stream> streams = read_streams(arguments.text("streams"));
  Link link(arguments.store(), Link::Transaction::kAutocommit);
  link.prepare("stream", kStream);
  std::string buffer;
  Measure measure;
  for (const Stream& stream : streams) {
    const auto began = Clock::now();
    Values values;
    values.add({reinterpret_cast<const char*>(stream.id.data()), stream.id.size()});
    values.add(kAggregateType);
    const PGresult* const rows = link.execute("stream", values);
    copy_out(rows, buffer);
    if (PQntuples(rows) != stream.version) fail("load", "a stream has not the length it should have");
    measure.call(began);
  }
  measure.report(streams.size());
}

void postgres_read_all(const Arguments& arguments) {
  const std::size_t page = arguments.number("page");
  Link link(arguments.store(), Link::Transaction::kAutocommit);
  link.prepare("page", kPage);
  std::string buffer;
  std::int64_t after = 0;
  std::size_t count = 0;
  Measure measure;
  while (true) {
    Values values;
    values.add_number(after);
    values.add_number(static_cast<std::int64_t>(page));
    const PGresult* const rows = link.execute("page", values);
    const int found = PQntuples(rows);
    if (found == 0) break;
    copy_out(rows, buffer);
    after = number_at(PQgetvalue(rows, found - 1, 0));
    count += static_cast<std::size_t>(found);
  }
  if (count != arguments.number("events")) fail("read", "the log has not the length it should have");
  measure.report(count);
}
