#include "tests/backend/sqlite_fixture.hpp"

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <unistd.h>

#include "core/event/document.hpp"

namespace eventsource::core::sqlite {

Sql3::Sql3(const std::string& path, int flags) {
  const int code = sqlite3_open_v2(path.c_str(), &database_, flags, nullptr);
  EXPECT_EQ(code, SQLITE_OK) << path;
  sqlite3_busy_timeout(database_, 10'000);
}

Sql3::~Sql3() {
  sqlite3_close(database_);
}

int Sql3::try_run(const std::string& sql) {
  return sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr);
}

void Sql3::run(const std::string& sql) {
  EXPECT_EQ(try_run(sql), SQLITE_OK) << sql << ": " << sqlite3_errmsg(database_);
}

std::string Sql3::text(const std::string& sql) {
  std::string value;
  sqlite3_stmt* statement = nullptr;
  EXPECT_EQ(sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr), SQLITE_OK)
      << sql << ": " << sqlite3_errmsg(database_);
  if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL) {
    value = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  }
  sqlite3_finalize(statement);
  return value;
}

std::int64_t Sql3::number(const std::string& sql) {
  return std::atoll(text(sql).c_str());
}

Uuid id_of(std::uint64_t number) {
  Uuid id;
  id.bytes[0] = 0xE5;
  for (std::size_t i = 0; i < 8; ++i) id.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  return id;
}

Batch::Batch(std::vector<Event> events, std::int64_t expected_version, bool skip_duplicates)
    : events_(std::move(events)) {
  prepared_.skip_duplicates = skip_duplicates;
  prepared_.stored_at = 1'700'000'001'000'000;
  std::vector<DocumentSpans> spans;
  for (const Event& event : events_) {
    const StreamName name{event.aggregate_type, id_of(event.stream)};
    std::uint32_t stream = 0;
    while (stream < streams_.size() && streams_[stream].name != name) ++stream;
    if (stream == streams_.size()) streams_.push_back({name, expected_version});
    EventInput input;
    input.event_type = event.event_type;
    input.event_id = id_of(event.id);
    input.occurred_at = event.occurred_at;
    input.tenant_id = event.tenant_id;
    input.correlation_id = input.event_id;
    if (event.actor_id) input.actor_id = *event.actor_id;
    spans.push_back(append_document(prepared_.text, name, input, event.members));
    PreparedEvent prepared;
    prepared.stream = stream;
    prepared.event_id = id_of(event.id);
    prepared.event_type = event.event_type;
    prepared.occurred_at = event.occurred_at;
    prepared.tenant_id = event.tenant_id;
    prepared.actor_id = input.actor_id;
    prepared_.events.push_back(prepared);
  }
  const std::string_view text = prepared_.text;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    PreparedEvent& event = prepared_.events[i];
    event.head = text.substr(spans[i].head, spans[i].tail - spans[i].head);
    event.tail = text.substr(spans[i].tail, spans[i].end - spans[i].tail);
    event.members = events_[i].members;
  }
  prepared_.streams = streams_;
}

WhenRowsAreWritten* WhenRowsAreWritten::instance_ = nullptr;

WhenRowsAreWritten::WhenRowsAreWritten(std::function<void(sqlite3*)> what) : what_(std::move(what)) {
  instance_ = this;
  sqlite3_auto_extension(reinterpret_cast<void (*)()>(&hook));
}

WhenRowsAreWritten::~WhenRowsAreWritten() {
  sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&hook));
  instance_ = nullptr;
}

int WhenRowsAreWritten::hook(sqlite3* database, char**, const sqlite3_api_routines*) {
  sqlite3_update_hook(database, &on_row, database);
  return SQLITE_OK;
}

void WhenRowsAreWritten::on_row(void* database, int, const char*, const char*, sqlite3_int64) {
  if (instance_ != nullptr) instance_->what_(static_cast<sqlite3*>(database));
}

Status TestTime::random(std::span<std::uint8_t> bytes) {
  for (std::uint8_t& byte : bytes) {
    seed_ = seed_ * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    byte = static_cast<std::uint8_t>(seed_ >> 56);
  }
  return {};
}

void TestTime::pause_us(std::int64_t us) {
  now_us_ += us;
  pauses.push_back(us);
  during_pause();
}

Call call_of(std::int64_t timeout_ms) {
  CallOptions options;
  options.timeout_ms = timeout_ms;
  return Call(system_environment(), options, 0);
}

Result<std::unique_ptr<BlockingBackend>> try_open(const std::string& path, const Settings& settings) {
  return open(path, settings, system_environment(), call_of());
}

std::unique_ptr<BlockingBackend> open_store(const std::string& path, const Settings& settings) {
  Result<std::unique_ptr<BlockingBackend>> store = try_open(path, settings);
  if (!store.ok()) {
    ADD_FAILURE() << store.error().message();
    throw std::runtime_error(store.error().message());
  }
  return std::move(store).value();
}

Result<AppendOutcome> append(BlockingBackend& store, std::vector<Event> events, std::int64_t expected_version,
                             bool skip_duplicates) {
  const Batch batch(std::move(events), expected_version, skip_duplicates);
  return store.append(batch.prepared(), call_of());
}

namespace {

void take(const Page& page, std::vector<ReadEvent>& events) {
  for (std::size_t i = 0; i < page.header().count; ++i) {
    const es_record& record = *page.record(i);
    ReadEvent event{record.global_position,
                    record.version,
                    record.occurred_at,
                    record.stored_at,
                    {},
                    {},
                    record.presence,
                    record.flags,
                    std::string(*page.name(record.event_type)),
                    std::string(*page.name(record.aggregate_type)),
                    std::string(page.text(record.actor_id).value_or("")),
                    std::string(page.text(record.document).value_or(""))};
    std::memcpy(event.event_id.bytes.data(), record.event_id, 16);
    std::memcpy(event.aggregate_id.bytes.data(), record.aggregate_id, 16);
    events.push_back(std::move(event));
  }
}

}  // namespace

std::vector<ReadEvent> read_all(BlockingBackend& store, std::size_t page_events, bool backward) {
  std::vector<ReadEvent> events;
  LogQuery query;
  query.backward = backward;
  for (;;) {
    PageBuilder builder({page_events, std::size_t{1} << 22, ES_CONTENT_DOCUMENT});
    const Result<ReadEnd> end = store.read_log(query, call_of(), builder);
    if (!end.ok()) {
      ADD_FAILURE() << end.error().message();
      return events;
    }
    take(*builder.finish({}), events);
    if (end.value().is_end) return events;
    query.after = end.value().scanned_through;
  }
}

std::vector<ReadEvent> read_one_stream(BlockingBackend& store, const Event& of, StreamQuery query) {
  std::vector<ReadEvent> events;
  query.stream = {of.aggregate_type, id_of(of.stream)};
  PageBuilder builder({100'000, std::size_t{1} << 26, ES_CONTENT_DOCUMENT});
  const Result<ReadEnd> end = store.read_stream(query, call_of(), builder);
  if (!end.ok()) {
    ADD_FAILURE() << end.error().message();
    return events;
  }
  EXPECT_TRUE(end.value().is_end);
  take(*builder.finish({}), events);
  return events;
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

std::ptrdiff_t files_in(const std::filesystem::path& folder) {
  return std::distance(std::filesystem::directory_iterator(folder), {});
}

std::string detail(const Error& error, std::string_view key) {
  for (const Error::Detail& entry : error.details()) {
    if (entry.key == key) return entry.value;
  }
  return {};
}

}  // namespace eventsource::core::sqlite
