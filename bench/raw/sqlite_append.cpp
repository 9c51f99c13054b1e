#include "bench/raw/sqlite_append.hpp"

#include <span>

#include "bench/common/measure.hpp"
#include "bench/raw/event.hpp"
#include "bench/raw/sqlite_file.hpp"

namespace {

constexpr const char* kHead =
    "SELECT version FROM events WHERE aggregate_id = ?1 AND aggregate_type = ?2 ORDER BY version DESC LIMIT 1";
constexpr const char* kInsert =
    "INSERT INTO events (event_id, aggregate_id, aggregate_type, event_type, tenant_id, actor_id, version, timestamp, "
    "created_at, payload) VALUES (?1, ?2, ?3, ?4, NULL, ?5, ?6, ?7, ?8, ?9)";

std::string_view bytes_of(const Id& id) {
  return {reinterpret_cast<const char*>(id.data()), id.size()};
}

class Writer {
 public:
  explicit Writer(const std::string& url) : file_(url) {}

  void begin() { begin_.run(); }
  void commit() { commit_.run(); }

  void check(const Event& event) {
    head_.bind_blob(1, bytes_of(event.stream));
    head_.bind_text(2, kAggregateType);
    const std::int64_t version = head_.step() ? head_.integer(0) : 0;
    head_.reset();
    if (version != event.expected) fail("append", "a stream has not the version it should have");
  }

  // The position.
  std::int64_t insert(const Event& event) {
    insert_.bind_blob(1, bytes_of(event.event_id));
    insert_.bind_blob(2, bytes_of(event.stream));
    insert_.bind_text(3, kAggregateType);
    insert_.bind_text(4, event.sample->event_type);
    if (event.sample->actor_id.empty()) {
      insert_.bind_null(5);
    } else {
      insert_.bind_text(5, event.sample->actor_id);
    }
    insert_.bind(6, event.expected + 1);
    insert_.bind(7, event.occurred_at);
    insert_.bind(8, event.occurred_at);
    insert_.bind_text(9, event.document);
    insert_.run();
    return sqlite3_last_insert_rowid(file_.get());
  }

 private:
  SqliteFile file_;
  SqliteStatement begin_{file_, "BEGIN IMMEDIATE"};
  SqliteStatement head_{file_, kHead};
  SqliteStatement insert_{file_, kInsert};
  SqliteStatement commit_{file_, "COMMIT"};
};

// `size` events a transaction, of which each `checked`-th starts a stream of the transaction.
void append(const Arguments& arguments, std::span<const Event> events, std::size_t size, std::size_t checked) {
  Writer writer(arguments.store());
  Measure measure(arguments.number("seconds"));
  for (std::size_t at = 0; at < events.size() && !measure.is_over(); at += size) {
    const auto began = Clock::now();
    writer.begin();
    for (std::size_t i = at; i < at + size; ++i) {
      if (i % checked == 0) writer.check(events[i]);
      if (writer.insert(events[i]) <= 0) fail("append", "an event has no position");
    }
    writer.commit();
    const auto ended = Clock::now();
    for (std::size_t i = 0; i < size; ++i) measure.call(began, ended);
  }
  measure.report(measure.calls());
}

}  // namespace

void sqlite_append_callers(const Arguments& arguments) {
  const std::vector<Sample> samples = read_samples(arguments.text("samples"));
  const std::size_t callers = arguments.number("callers");
  const std::size_t count = arguments.number("events") / callers * callers;
  append(arguments, events_of_callers(samples, callers, count, arguments.number_or("first", 0)), callers, 1);
}

void sqlite_append_batches(const Arguments& arguments) {
  const std::vector<Sample> samples = read_samples(arguments.text("samples"));
  const std::size_t size = arguments.number("batch");
  const std::size_t count = arguments.number("events") / size * size;
  append(arguments, events_of_streams(samples, size, count), size, size);
}
