#include "core/store/store.hpp"

#include <algorithm>
#include <tuple>

#include "core/backend/blocking_backend.hpp"
#include "core/base/wait.hpp"
#include "core/event/token.hpp"
#include "core/memory/memory_backend.hpp"
#include "core/postgres/open.hpp"
#include "core/sqlite/open.hpp"
#include "core/store/prepare.hpp"
#include "core/store/shutdown.hpp"
#include "core/store/url.hpp"

namespace eventsource::core {
namespace {

Error shut_down() {
  return Error(ES_CLOSED, "the store was shut down: open it again");
}

Error forked() {
  return Error(ES_FORKED,
               "the store was opened by the process that this one was forked from: open it again in this process, with "
               "the same URL");
}

Error read_only() {
  return Error(ES_READ_ONLY, "the store was opened read-only: open it without option read_only to write");
}

Error inapplicable(const char* what) {
  return Error(ES_INVALID_ARGUMENT, what);
}

Status check_snapshot_versions(std::int64_t version, std::int32_t schema_version) {
  if (version < 1 || version > ES_MAX_VERSION) {
    return Error(ES_INVALID_ARGUMENT, "version " + std::to_string(version) + " is no version of a stream: 1 to " +
                                          std::to_string(ES_MAX_VERSION))
        .detail("field", "version");
  }
  if (schema_version < 1) {
    return Error(ES_INVALID_ARGUMENT, "schema_version " + std::to_string(schema_version) + " is below 1")
        .detail("field", "schema_version");
  }
  return {};
}

Result<std::unique_ptr<Backend>> open_backend(const StoreUrl& url, const Settings& settings, Environment& environment,
                                              const std::shared_ptr<Telemetry>& telemetry, const Call& call) {
  if (url.kind == StoreUrl::Kind::kPostgres) {
    return postgres::open(url.connection, {settings.create, settings.read_only, settings.pool, telemetry}, call);
  }
  std::unique_ptr<BlockingBackend> backend;
  if (url.kind == StoreUrl::Kind::kMemory) {
    ASSIGN_OR_RETURN(backend, memory::open(environment, settings.read_only));
  } else {
    const sqlite::Settings sqlite_settings{settings.create, settings.read_only, settings.synchronous_full, telemetry};
    ASSIGN_OR_RETURN(backend, sqlite::open(url.path, sqlite_settings, environment, call));
  }
  return as_backend(std::move(backend));
}

}  // namespace

Status check_content(std::uint32_t content) {
  constexpr std::uint32_t kContent = ES_CONTENT_DOCUMENT | ES_CONTENT_ENVELOPE | ES_CONTENT_DATA;
  if ((content & ~kContent) != 0) return inapplicable("content has a bit that means nothing");
  return {};
}

// A call under way: while one lives, the backend stays open. One that was started is counted by its Admission.
class Store::Visit {
 public:
  Visit(Store& store, const CallOptions& options)
      : store_(store),
        is_counted_(!options.is_admitted && store.enter()),
        admitted_(options.is_admitted || is_counted_) {}
  ~Visit() {
    if (is_counted_) store_.leave();
  }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  [[nodiscard]] bool admitted() const { return admitted_; }

 private:
  Store& store_;
  const bool is_counted_;
  const bool admitted_;
};

// Looked at before any lock: in a child, a thread of the parent may hold it for ever.
bool Store::is_inherited() const {
  return born_ != fork_generation();
}

Error Store::closed() const {
  return is_inherited() ? forked() : shut_down();
}

void Store::LeaveToParent::operator()(Store* store) const {
  if (!store->is_inherited()) delete store;
}

bool Store::enter() {
  if (is_inherited()) return false;
  const MutexLock lock(mutex_);
  if (!closed_) ++visits_;
  return !closed_;
}

void Store::leave(bool is_announced) {
  std::unique_ptr<Backend> over;
  {
    const MutexLock lock(mutex_);
    if (is_announced) --leaving_;
    if (--visits_ == 0 && waiting_ != 0) idle_.notify_all();
    over = take_if_over();
  }
  close(std::move(over));
}

void Store::announce_leave() {
  const MutexLock lock(mutex_);
  ++leaving_;
}

// After a shutdown that gave up, the last call closes the backend.
std::unique_ptr<Backend> Store::take_if_over() {
  if (visits_ != 0 || waiting_ != 0 || !closed_ || backend_ == nullptr) return nullptr;
  closing_ = true;
  return std::move(backend_);
}

void Store::close(std::unique_ptr<Backend> over) {
  if (over != nullptr) const Closing closing(*this, std::move(over));
}

Result<std::shared_ptr<Store>> Store::open(std::string_view url, const Settings& settings, const CallOptions& options,
                                           Environment& environment) {
  ASSIGN_OR_RETURN(const StoreUrl parsed, parse_url(url));
  const Call call(environment, options, settings.busy_timeout_ms);
  auto telemetry = std::make_shared<Telemetry>(settings.log, environment);
  ASSIGN_OR_RETURN(std::unique_ptr<Backend> backend, open_backend(parsed, settings, environment, telemetry, call));
  std::shared_ptr<Store> store(new Store(parsed.shown, settings, environment, std::move(backend), std::move(telemetry)),
                               LeaveToParent());
  RETURN_IF_ERROR(now(store->wait_for_token(call)));
  store->tell_opened();
  return store;
}

Store::Store(std::string url, const Settings& settings, Environment& environment, std::unique_ptr<Backend> backend,
             std::shared_ptr<Telemetry> telemetry)
    : url_(std::move(url)),
      settings_(settings),
      environment_(environment),
      telemetry_(telemetry != nullptr ? std::move(telemetry) : std::make_shared<Telemetry>(settings.log, environment)),
      kind_(backend->kind()),
      identity_(backend->identity()),
      backend_(std::move(backend)),
      appends_(*backend_, *telemetry_),
      in_flight_(std::make_shared<InFlight>(settings.max_in_flight,
                                            std::shared_ptr<Metrics>(telemetry_, &telemetry_->metrics))),
      loop_(environment) {}

// Whoever only closed the handles has no shutdown that would tell of the end.
Store::~Store() {
  if (backend_ != nullptr) telemetry_->log.write(LogLevel::kInfo, "store closed", {{"url", url_}});
}

void Store::tell_opened() const {
  // Tables of another writer have no version of ours.
  const bool is_own = identity_.schema_version != 0;
  telemetry_->log.write(LogLevel::kInfo, "store opened",
                        {{"backend", kind_},
                         {"url", url_},
                         {"layout", is_own ? "own" : "foreign"},
                         {"schema_version", identity_.schema_version},
                         {"created", identity_.was_created},
                         {"read_only", settings_.read_only}});
}

Task<Result<Call>> Store::begin(const CallOptions& options) {
  Call call(environment_, options, settings_.busy_timeout_ms);
  // It may have waited for its turn until now.
  if (options.is_admitted) CO_RETURN_IF_ERROR(call.check());
  CO_RETURN_IF_ERROR(co_await wait_for_token(call));
  co_return call;
}

Task<Status> Store::wait_for_token(const Call& call) {
  if (call.token().empty()) co_return Status();
  if (identity_.id.is_nil()) {
    co_return Error(ES_INVALID_TOKEN, "the store has no identity, so that no token is of it: read it without one");
  }
  CO_ASSIGN_OR_RETURN(const std::int64_t position, read_token(call.token(), identity_.id));
  // A token is nearly always behind the head already. Where it is not, another process's commit is on its way, or the
  // file is an older copy: look again at growing intervals for as long as a lock would be waited for.
  constexpr std::int64_t kFirstPause = 500;
  constexpr std::int64_t kLongestPause = 20'000;
  for (std::int64_t pause_us = kFirstPause;; pause_us = std::min(pause_us * 2, kLongestPause)) {
    CO_ASSIGN_OR_RETURN(const std::int64_t head, co_await backend_->head(call));
    if (head >= position) co_return Status();
    if (!call.may_wait()) {
      if (Status stopped = call.check(); !stopped.ok() && stopped.error().code() == ES_CANCELLED) co_return stopped;
      co_return Error(ES_TIMEOUT, "the store is at position " + std::to_string(head) + ", the token names " +
                                      std::to_string(position) + ": it did not get there in time")
          .retryable();
    }
    CO_RETURN_IF_ERROR(co_await pause(call, std::min(pause_us, call.wait_left_us())));
  }
}

Task<Result<AppendResult>> Store::do_append(const AppendInput& input, const CallOptions& options) {
  const Visit visit(*this, options);
  if (!visit.admitted()) co_return closed();
  CO_ASSIGN_OR_RETURN(const PreparedAppend prepared, prepare(input, settings_, environment_));
  if (settings_.read_only) co_return read_only();
  CO_ASSIGN_OR_RETURN(const Call call, co_await begin(options));
  AppendResult result;
  // What can fail for want of memory is done before the commit: an append that returned an error wrote nothing.
  result.token.reserve(ES_TOKEN_BYTES_MAX);
  result.event_ids.reserve(prepared.events.size());
  result.event_streams.reserve(prepared.events.size());
  for (const PreparedEvent& event : prepared.events) {
    result.event_ids.push_back(event.event_id);
    result.event_streams.push_back(static_cast<std::int32_t>(event.stream));
  }
  std::int64_t seen = 0;
  if (prepared.events.empty()) {
    CO_ASSIGN_OR_RETURN(seen, co_await backend_->head(call));
  } else {
    CO_ASSIGN_OR_RETURN(result.outcome, co_await appends_.append(prepared, call));
    seen = *std::max_element(result.outcome.positions.begin(), result.outcome.positions.end());
  }
  note(result.outcome);
  // The token has its room: nothing allocates between the commit and the return. Tables of another writer have no identity.
  if (!identity_.id.is_nil()) write_token(result.token, identity_.id, seen);
  co_return result;
}

void Store::note(const AppendOutcome& outcome) noexcept {
  Metrics& metrics = telemetry_->metrics;
  const auto known = std::ranges::count_if(outcome.known, [](std::uint8_t is_known) { return is_known != 0; });
  metrics.appends.add();
  metrics.known_events.add(known);
  metrics.appended_events.add(std::ssize(outcome.positions) - known);
}

PageBuilder Store::page_for(const ReadOptions& read) const {
  return PageBuilder({static_cast<std::size_t>(read.page_events),
                      static_cast<std::size_t>(read.page_bytes.value_or(settings_.page_bytes)), read.content});
}

std::shared_ptr<const Page> Store::finish(PageBuilder& page, const ReadEnd& end) const {
  PageEnd page_end;
  page_end.is_end = end.is_end;
  page_end.scanned_through = end.scanned_through;
  page_end.watermark = end.seen;
  page_end.database_time = end.database_time != 0 ? end.database_time : environment_.wall_us();
  // A file of another writer has no identity: a token would name every such file.
  if (!identity_.id.is_nil()) page_end.token = make_token(identity_.id, end.seen);
  telemetry_->metrics.reads.add();
  telemetry_->metrics.read_events.add(static_cast<std::int64_t>(page.count()));
  return page.finish(page_end);
}

Task<Result<std::shared_ptr<const Page>>> Store::do_read_stream(const StreamName& stream, const ReadOptions& read,
                                                                const CallOptions& options) {
  const Visit visit(*this, options);
  if (!visit.admitted()) co_return closed();
  CO_RETURN_IF_ERROR(check_stream_name(stream));
  if (read.after || read.through != 0 || read.filter) {
    co_return inapplicable("a read of a stream has versions; after, through and filter are for the log");
  }
  CO_ASSIGN_OR_RETURN(const Call call, co_await begin(options));
  StreamQuery query;
  query.stream = stream;
  query.backward = read.backward;
  if (read.versions) std::tie(query.from_version, query.to_version) = *read.versions;
  PageBuilder page = page_for(read);
  CO_ASSIGN_OR_RETURN(const ReadEnd end, co_await backend_->read_stream(query, call, page));
  co_return finish(page, end);
}

Task<Result<std::shared_ptr<const Page>>> Store::do_read_log(const ReadOptions& read, const CallOptions& options) {
  const Visit visit(*this, options);
  if (!visit.admitted()) co_return closed();
  if (read.versions) co_return inapplicable("a read of the log has positions; versions are for a stream");
  if (read.backward && read.through != 0) co_return inapplicable("a backward read of the log has no through");
  CO_ASSIGN_OR_RETURN(const Call call, co_await begin(options));
  LogQuery query;
  query.after_end = read.after == ES_POSITION_END;
  if (!query.after_end) query.after = read.after;
  query.through = read.through;
  query.backward = read.backward;
  if (read.filter) query.filter = *read.filter;
  PageBuilder page = page_for(read);
  CO_ASSIGN_OR_RETURN(const ReadEnd end, co_await backend_->read_log(query, call, page));
  co_return finish(page, end);
}

Task<Result<std::shared_ptr<const Page>>> Store::do_read_event(const Uuid& event_id, std::uint32_t content,
                                                               const CallOptions& options) {
  const Visit visit(*this, options);
  if (!visit.admitted()) co_return closed();
  if (event_id.is_nil()) co_return Error(ES_INVALID_ID, "event_id is the nil UUID").detail("field", "event_id");
  CO_RETURN_IF_ERROR(check_content(content));
  CO_ASSIGN_OR_RETURN(const Call call, co_await begin(options));
  ReadOptions read;
  read.content = content;
  PageBuilder page = page_for(read);
  CO_ASSIGN_OR_RETURN(const ReadEnd end, co_await backend_->read_event(event_id, call, page));
  if (page.count() == 0) {
    co_return Error(ES_EVENT_NOT_FOUND, "there is no event " + format_uuid(event_id))
        .detail("event_id", format_uuid(event_id));
  }
  co_return finish(page, end);
}

Task<Result<std::int64_t>> Store::do_head(const CallOptions& options) {
  const Visit visit(*this, options);
  if (!visit.admitted()) co_return closed();
  CO_ASSIGN_OR_RETURN(const Call call, co_await begin(options));
  co_return co_await backend_->head(call);
}

Task<Result<std::int64_t>> Store::do_stream_version(const StreamName& stream, const CallOptions& options) {
  const Visit visit(*this, options);
  if (!visit.admitted()) co_return closed();
  CO_RETURN_IF_ERROR(check_stream_name(stream));
  CO_ASSIGN_OR_RETURN(const Call call, co_await begin(options));
  co_return co_await backend_->stream_version(stream, call);
}

Task<Result<std::int64_t>> Store::do_count(const Filter& filter, const CallOptions& options) {
  const Visit visit(*this, options);
  if (!visit.admitted()) co_return closed();
  CO_ASSIGN_OR_RETURN(const Call call, co_await begin(options));
  co_return co_await backend_->count(filter, call);
}

Task<Result<bool>> Store::do_save_snapshot(const StreamName& stream, std::int64_t version, std::int32_t schema_version,
                                           std::string_view state, const CallOptions& options) {
  const Visit visit(*this, options);
  if (!visit.admitted()) co_return closed();
  CO_RETURN_IF_ERROR(check_stream_name(stream));
  CO_RETURN_IF_ERROR(check_snapshot_versions(version, schema_version));
  CO_ASSIGN_OR_RETURN(const std::string_view value, check_state(state, settings_));
  if (settings_.read_only) co_return read_only();
  CO_ASSIGN_OR_RETURN(const Call call, co_await begin(options));
  const Snapshot snapshot{version, schema_version, environment_.wall_us(), std::string(value)};
  co_return co_await backend_->save_snapshot(stream, snapshot, call);
}

Task<Result<Snapshot>> Store::do_load_snapshot(const StreamName& stream, const CallOptions& options) {
  const Visit visit(*this, options);
  if (!visit.admitted()) co_return closed();
  CO_RETURN_IF_ERROR(check_stream_name(stream));
  CO_ASSIGN_OR_RETURN(const Call call, co_await begin(options));
  CO_ASSIGN_OR_RETURN(std::optional<Snapshot> snapshot, co_await backend_->load_snapshot(stream, call));
  if (!snapshot) {
    co_return Error(ES_SNAPSHOT_NOT_FOUND, "stream " + describe(stream) + " has no snapshot")
        .detail("aggregate_type", std::string(stream.aggregate_type))
        .detail("aggregate_id", format_uuid(stream.aggregate_id));
  }
  co_return *std::move(snapshot);
}

Task<Result<bool>> Store::do_delete_snapshot(const StreamName& stream, const CallOptions& options) {
  const Visit visit(*this, options);
  if (!visit.admitted()) co_return closed();
  CO_RETURN_IF_ERROR(check_stream_name(stream));
  if (settings_.read_only) co_return read_only();
  CO_ASSIGN_OR_RETURN(const Call call, co_await begin(options));
  co_return co_await backend_->delete_snapshot(stream, call);
}

Task<Result<Inspection>> Store::do_inspect(const CallOptions& options) {
  const Visit visit(*this, options);
  if (!visit.admitted()) co_return closed();
  CO_ASSIGN_OR_RETURN(const Call call, co_await begin(options));
  co_return co_await backend_->inspect(call);
}

Task<Result<std::vector<OptionalIndex>>> Store::do_list_indexes(const CallOptions& options) {
  const Visit visit(*this, options);
  if (!visit.admitted()) co_return closed();
  CO_ASSIGN_OR_RETURN(const Call call, co_await begin(options));
  co_return co_await backend_->list_indexes(call);
}

Task<Result<bool>> Store::do_add_index(std::string_view name, const CallOptions& options) {
  const Visit visit(*this, options);
  if (!visit.admitted()) co_return closed();
  if (settings_.read_only) co_return read_only();
  CO_ASSIGN_OR_RETURN(const Call call, co_await begin(options));
  co_return co_await backend_->add_index(name, call);
}

Status Store::start(const std::shared_ptr<Store>& store, std::unique_ptr<StartedCall> call) {
  if (!store->enter()) return store->closed();
  Admission admission(store);
  ASSIGN_OR_RETURN(InFlight::Place place, InFlight::enter(store->in_flight_));
  call->admit(std::move(admission), store->environment_.steady_us(), std::move(place));
  return store->loop_.submit(std::move(call));
}

Status Store::check_shutdown(std::int64_t timeout_ms) const {
  if (is_inherited()) return closed();
  if (timeout_ms < -1) return Error(ES_INVALID_ARGUMENT, "a timeout is -1, 0 or a number of milliseconds");
  return {};
}

Status Store::shutdown(std::int64_t timeout_ms) {
  RETURN_IF_ERROR(check_shutdown(timeout_ms));
  return ShutdownCall(*this, timeout_ms).finish();
}

}  // namespace eventsource::core
