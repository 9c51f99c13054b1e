#include "tests/conformance/session_cpp/session.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "tests/conformance/session_cpp/packer.hpp"
#include "tests/support/pooler.hpp"

namespace conformance {
namespace {

// A call was refused: the step ends with this outcome.
struct Refused {
  Json error;
};

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  return at == std::string::npos ? text : text.replace(at, what.size(), with);
}

const char* outcome_name(std::int32_t outcome) {
  switch (outcome) {
    case ES_OUTCOME_NOT_APPLIED:
      return "not_applied";
    case ES_OUTCOME_APPLIED:
      return "applied";
    case ES_OUTCOME_UNKNOWN:
      return "unknown";
    default:
      return "no outcome";
  }
}

}  // namespace

Session::Session(Backend backend, std::string folder, Json options, std::string path)
    : backend_(std::move(backend)),
      folder_(std::move(folder)),
      options_(std::move(options)),
      packed_(path == "packed") {}

Json Session::run(const Json& step) {
  violations_.clear();
  Json outcome;
  try {
    outcome["expect"] = dispatch(step);
  } catch (Refused& refused) {
    outcome = {{"error", std::move(refused.error)}};
  }
  if (!violations_.empty()) outcome["violations"] = violations_;
  return outcome;
}

Json Session::dispatch(const Json& step) {
  const auto what = step.at("do").get<std::string>();
  if (what == "append") return append(step);
  if (what == "read_log" || what == "read_stream") return read_page(step);
  if (what == "walk_log" || what == "walk_stream") return walk(step);
  if (what == "read_event") return read_event(step);
  if (what == "stream_version") return stream_version(step);
  if (what == "count") return count(step);
  if (what == "save_snapshot") return save_snapshot(step);
  if (what == "load_snapshot") return load_snapshot(step);
  if (what == "delete_snapshot") return delete_snapshot(step);
  if (what == "inspect") return inspect(step);
  if (what == "reopen") return reopen(step);
  ErrorHandle error;
  Store& store = open(step);
  if (what == "shutdown") {
    check(calls_.shutdown(store.handle.get(), -1, error.out()), error);
    return Json::object();
  }
  if (what == "head") {
    CallHandle call;
    std::int64_t head = -1;
    check(calls_.head(store.handle.get(), fill_call(step, call), &head, error.out()), error);
    return ordinal(store, head);
  }
  throw std::runtime_error("no such step: " + what);
}

void Session::check(es_status status, const ErrorHandle& error) {
  if (status == ES_OK) {
    hold(error.get() == nullptr, "a success leaves no error");
    return;
  }
  const es_error* const what = error.get();
  hold(es_error_code(what) == status, "the error has the status that was returned");
  hold(*es_error_message(what) != '\0', "an error has a message");
  hold(*es_error_sqlstate(what) == '\0', "what the engine itself refuses has no SQLSTATE");
  Json details = Json::object();
  const char* key = nullptr;
  const char* value = nullptr;
  for (std::size_t i = 0; es_error_detail_at(what, i, &key, &value) == 1; ++i) details[key] = value;
  throw Refused{{{"status", es_status_name(status)},
                 {"retryable", es_error_is_retryable(what) == 1},
                 {"outcome", outcome_name(es_error_outcome(what))},
                 {"details", details},
                 {"message", es_error_message(what)}}};
}

void Session::hold(bool holds, const std::string& promise) {
  if (!holds) violations_.push_back(promise);
}

std::string Session::url_of(const std::string& name) {
  std::string url = replaced(replaced(backend_.url, "{folder}", folder_), "{store}", name);
  if (!backend_.needs_server()) return url;
  auto& schema = schemas_[name];
  if (schema == nullptr) schema = std::make_unique<test_support::PostgresSchema>(backend_.sql);
  if (url.find(kPooler) == std::string::npos) return replaced(url, kPostgres, schema->url());
  static const test_support::Pooler pooler;
  return replaced(url, kPooler, pooler.url(schema->role_url()));
}

void Session::open_handle(const std::string& name, const Json& options, StoreHandle& handle) {
  ErrorHandle error;
  OptionsHandle set;
  check(es_options_new(set.out(), error.out()), error);
  for (const auto& [key, value] : options.items()) {
    const auto text = value.get<std::string>();
    check(es_options_set(set.get(), key.data(), key.size(), text.data(), text.size(), error.out()), error);
  }
  const std::string url = url_of(name);
  check(calls_.open(ES_ABI_VERSION, url.data(), url.size(), set.get(), nullptr, handle.out(), error.out()), error);
}

Session::Store& Session::open(const Json& step) {
  const std::string name = step.value("store", "events");
  Store& store = stores_[name];
  if (store.handle.get() == nullptr) open_handle(name, options_, store.handle);
  return store;
}

Json Session::reopen(const Json& step) {
  Store& store = open(step);
  store.handle.close();
  Json options = options_;
  if (step.contains("options")) options.update(step.at("options"));
  open_handle(step.value("store", "events"), options, store.handle);
  return {{"created", es_store_was_created(store.handle.get()) == 1}};
}

const es_call* Session::fill_call(const Json& step, CallHandle& call) {
  if (!step.contains("wait") && !step.contains("wait_text") && !step.contains("timeout_ms") &&
      !step.contains("cancelled")) {
    return nullptr;
  }
  ErrorHandle error;
  check(es_call_new(call.out(), error.out()), error);
  if (step.contains("timeout_ms")) {
    check(es_call_set_timeout(call.get(), step.at("timeout_ms"), error.out()), error);
  }
  if (step.value("cancelled", false)) {
    CancelHandle cancel;
    check(es_cancel_new(cancel.out(), error.out()), error);
    check(es_call_set_cancel(call.get(), cancel.get(), error.out()), error);
    es_cancel_fire(cancel.get());
  }
  if (step.contains("wait") || step.contains("wait_text")) {
    const std::string token =
        step.contains("wait") ? tokens_.at(step.at("wait")) : step.at("wait_text").get<std::string>();
    check(es_call_set_token(call.get(), token.data(), token.size(), error.out()), error);
  }
  return call.get();
}

void Session::keep(const Json& step, const std::string& token) {
  if (backend_.does_provide("identity")) {
    hold(!token.empty() && token.size() <= ES_TOKEN_BYTES_MAX, "a token has 1 to 64 bytes");
  } else {
    hold(token.empty(), "tables without an identity give no token");
  }
  if (step.contains("keep")) tokens_[step.at("keep")] = token;
}

// Positions are counted in the order in which the vector meets them: databases may leave gaps.
Json Session::ordinal(Store& store, std::int64_t position) {
  if (position == 0) return 0;
  const auto& known = store.positions;
  const auto at = std::lower_bound(known.begin(), known.end(), position);
  if (at == known.end() || *at != position) return "the position of no event of this vector";
  return at - known.begin() + 1;
}

// What was not stored yet lies above the newest position.
std::int64_t Session::position(const Store& store, const Json& ordinal) const {
  if (ordinal == "end") return ES_POSITION_END;
  const auto n = ordinal.get<std::int64_t>();
  const auto known = static_cast<std::int64_t>(store.positions.size());
  if (n <= 0) return n;
  if (n <= known) return store.positions[static_cast<std::size_t>(n) - 1];
  return (known == 0 ? 0 : store.positions.back()) + (n - known);
}

Json Session::stream_version(const Json& step) {
  Store& store = open(step);
  ErrorHandle error;
  CallHandle call;
  const auto& type = step.at("type").get_ref<const std::string&>();
  const auto id = uuid_bytes(step.at("id"));
  std::int64_t version = -1;
  check(calls_.stream_version(store.handle.get(), type.data(), type.size(), id.data(), fill_call(step, call), &version,
                              error.out()),
        error);
  return version;
}

Json Session::count(const Json& step) {
  Store& store = open(step);
  ErrorHandle error;
  CallHandle call;
  FilterHandle filter;
  if (step.contains("filter")) fill_filter(step.at("filter"), filter);
  std::int64_t count = -1;
  check(calls_.count(store.handle.get(), filter.get(), fill_call(step, call), &count, error.out()), error);
  return count;
}

std::int64_t Session::count_all(const Store& store) {
  std::int64_t count = -1;
  return calls_.count(store.handle.get(), nullptr, nullptr, &count, nullptr) == ES_OK ? count : -1;
}

Json Session::save_snapshot(const Json& step) {
  Store& store = open(step);
  ErrorHandle error;
  CallHandle call;
  const auto& type = step.at("type").get_ref<const std::string&>();
  const auto& state = step.at("state").get_ref<const std::string&>();
  const auto id = uuid_bytes(step.at("id"));
  std::int32_t saved = -1;
  check(calls_.save_snapshot(store.handle.get(), type.data(), type.size(), id.data(), step.at("version"),
                             step.at("schema_version"), state.data(), state.size(), fill_call(step, call), &saved,
                             error.out()),
        error);
  return saved == 1;
}

Json Session::load_snapshot(const Json& step) {
  Store& store = open(step);
  ErrorHandle error;
  CallHandle call;
  SnapshotHandle snapshot;
  const auto& type = step.at("type").get_ref<const std::string&>();
  const auto id = uuid_bytes(step.at("id"));
  check(calls_.load_snapshot(store.handle.get(), type.data(), type.size(), id.data(), fill_call(step, call),
                             snapshot.out(), error.out()),
        error);
  hold(es_snapshot_created_at(snapshot.get()) > 0, "a snapshot says when it was stored");
  std::size_t length = 0;
  const char* const state = es_snapshot_state(snapshot.get(), &length);
  return {{"version", es_snapshot_version(snapshot.get())},
          {"schema_version", es_snapshot_schema_version(snapshot.get())},
          {"state", std::string(state, length)}};
}

Json Session::delete_snapshot(const Json& step) {
  Store& store = open(step);
  ErrorHandle error;
  CallHandle call;
  const auto& type = step.at("type").get_ref<const std::string&>();
  const auto id = uuid_bytes(step.at("id"));
  std::int32_t deleted = -1;
  check(calls_.delete_snapshot(store.handle.get(), type.data(), type.size(), id.data(), fill_call(step, call), &deleted,
                               error.out()),
        error);
  return deleted == 1;
}

Json Session::inspect(const Json& step) {
  Store& store = open(step);
  ErrorHandle error;
  CallHandle call;
  InspectionHandle seen;
  check(calls_.inspect(store.handle.get(), fill_call(step, call), seen.out(), error.out()), error);
  Json types = Json::array();
  for (std::size_t i = 0; i < es_inspection_type_count(seen.get()); ++i) {
    types.push_back({es_inspection_aggregate_type(seen.get(), i), es_inspection_event_type(seen.get(), i),
                     es_inspection_type_events(seen.get(), i)});
  }
  return {{"events", es_inspection_events(seen.get())},
          {"streams", es_inspection_streams(seen.get())},
          {"snapshots", es_inspection_snapshots(seen.get())},
          {"first_position", ordinal(store, es_inspection_first_position(seen.get()))},
          {"last_position", ordinal(store, es_inspection_last_position(seen.get()))},
          {"types", types}};
}

}  // namespace conformance
