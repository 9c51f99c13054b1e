#include "bench/raw/sqlite_read.hpp"

#include "bench/common/measure.hpp"
#include "bench/common/workload.hpp"
#include "bench/raw/sqlite_file.hpp"

namespace {

// The columns that the engine reads.
#define COLUMNS                                                                                                      \
  "global_position, version, timestamp, created_at, event_id, aggregate_id, tenant_id, event_type, aggregate_type, " \
  "actor_id, payload"

constexpr const char* kStream =
    "SELECT " COLUMNS " FROM events WHERE aggregate_id = ?1 AND aggregate_type = ?2 ORDER BY version";
constexpr const char* kPage =
    "SELECT " COLUMNS " FROM events WHERE global_position > ?1 ORDER BY global_position LIMIT ?2";
#undef COLUMNS

}  // namespace

void sqlite_load(const Arguments& arguments) {
  const std::vector<Stream> streams = read_streams(arguments.text("streams"));
  const SqliteFile file(arguments.store());
  SqliteStatement rows(file, kStream);
  std::string buffer;
  Measure measure;
  for (const Stream& stream : streams) {
    const auto began = Clock::now();
    buffer.clear();
    std::int32_t count = 0;
    rows.bind_blob(1, {reinterpret_cast<const char*>(stream.id.data()), stream.id.size()});
    rows.bind_text(2, kAggregateType);
    for (; rows.step(); ++count) rows.copy_out(buffer);
    rows.reset();
    if (count != stream.version) fail("load", "a stream has not the length it should have");
    measure.call(began);
  }
  measure.report(streams.size());
}

void sqlite_read_all(const Arguments& arguments) {
  const std::size_t size = arguments.number("page");
  const SqliteFile file(arguments.store());
  SqliteStatement page(file, kPage);
  std::string buffer;
  std::int64_t after = 0;
  std::size_t count = 0;
  Measure measure;
  while (true) {
    const std::size_t before = count;
    buffer.clear();
    page.bind(1, after);
    page.bind(2, static_cast<std::int64_t>(size));
    for (; page.step(); ++count) {
      after = page.integer(0);
      page.copy_out(buffer);
    }
    page.reset();
    if (count == before) break;
  }
  if (count != arguments.number("events")) fail("read", "the log has not the length it should have");
  measure.report(count);
}
