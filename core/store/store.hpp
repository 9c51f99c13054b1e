// A store: what append, read and the rest mean, whatever backend keeps the events.
// Any number of threads. What a task is given by reference outlives it. A Store is shared: calls under way keep it alive
// after its last handle was closed. In a child made by fork every call fails with ES_FORKED, and the store is never
// destroyed: it is the parent's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "eventsource/read.h"

#include "core/backend/backend.hpp"
#include "core/base/fork.hpp"
#include "core/base/mutex.hpp"
#include "core/base/task.hpp"
#include "core/log/telemetry.hpp"
#include "core/runtime/group_commit.hpp"
#include "core/runtime/in_flight.hpp"
#include "core/runtime/loop.hpp"
#include "core/store/call_watch.hpp"
#include "core/store/settings.hpp"
#include "core/store/started_call.hpp"

namespace eventsource::core {

// How to read (read.h), as the caller said it.
struct ReadOptions {
  bool backward = false;
  std::uint32_t content = ES_CONTENT_DOCUMENT;
  std::int64_t page_events = ES_PAGE_EVENTS_DEFAULT;
  std::optional<std::int64_t> page_bytes;
  std::optional<std::int64_t> after;
  std::int64_t through = 0;
  std::optional<std::pair<std::int64_t, std::int64_t>> versions;
  std::optional<Filter> filter;
};

// ES_CONTENT_* added together, and nothing else: ES_INVALID_ARGUMENT.
[[nodiscard]] Status check_content(std::uint32_t content);

// What an append did, with everything that its result shows.
struct AppendResult {
  AppendOutcome outcome;
  std::vector<Uuid> event_ids;
  std::vector<std::int32_t> event_streams;
  std::string token;
};

class Store {
 public:
  // Opens the store that `url` names.
  [[nodiscard]] static Result<std::shared_ptr<Store>> open(std::string_view url, const Settings& settings,
                                                           const CallOptions& call, Environment& environment);

  // `telemetry` is the one that the backend has, if it has one.
  Store(std::string url, const Settings& settings, Environment& environment, std::unique_ptr<Backend> backend,
        std::shared_ptr<Telemetry> telemetry = nullptr);
  ~Store();

  // Each call is counted, timed and told of (call_watch.hpp); what it does is in the function of the same name with do_.
  [[nodiscard]] Task<Result<AppendResult>> append(const AppendInput& input, const CallOptions& options) {
    return watched({"append", &Metrics::append_time}, options, [&] { return do_append(input, options); });
  }
  [[nodiscard]] Task<Result<std::shared_ptr<const Page>>> read_stream(const StreamName& stream, const ReadOptions& read,
                                                                      const CallOptions& options) {
    return watched({"read_stream", &Metrics::read_time}, options,
                   [&] { return do_read_stream(stream, read, options); });
  }
  [[nodiscard]] Task<Result<std::shared_ptr<const Page>>> read_log(const ReadOptions& read,
                                                                   const CallOptions& options) {
    return watched({"read_log", &Metrics::read_time}, options, [&] { return do_read_log(read, options); });
  }
  [[nodiscard]] Task<Result<std::shared_ptr<const Page>>> read_event(const Uuid& event_id, std::uint32_t content,
                                                                     const CallOptions& options) {
    return watched({"read_event", &Metrics::read_time}, options,
                   [&] { return do_read_event(event_id, content, options); });
  }
  [[nodiscard]] Task<Result<std::int64_t>> head(const CallOptions& options) {
    return watched({"head"}, options, [&] { return do_head(options); });
  }
  [[nodiscard]] Task<Result<std::int64_t>> stream_version(const StreamName& stream, const CallOptions& options) {
    return watched({"stream_version"}, options, [&] { return do_stream_version(stream, options); });
  }
  [[nodiscard]] Task<Result<std::int64_t>> count(const Filter& filter, const CallOptions& options) {
    return watched({"count"}, options, [&] { return do_count(filter, options); });
  }
  [[nodiscard]] Task<Result<bool>> save_snapshot(const StreamName& stream, std::int64_t version,
                                                 std::int32_t schema_version, std::string_view state,
                                                 const CallOptions& options) {
    return watched({"save_snapshot"}, options,
                   [&] { return do_save_snapshot(stream, version, schema_version, state, options); });
  }
  [[nodiscard]] Task<Result<Snapshot>> load_snapshot(const StreamName& stream, const CallOptions& options) {
    return watched({"load_snapshot"}, options, [&] { return do_load_snapshot(stream, options); });
  }
  [[nodiscard]] Task<Result<bool>> delete_snapshot(const StreamName& stream, const CallOptions& options) {
    return watched({"delete_snapshot"}, options, [&] { return do_delete_snapshot(stream, options); });
  }
  [[nodiscard]] Task<Result<Inspection>> inspect(const CallOptions& options) {
    return watched({"inspect"}, options, [&] { return do_inspect(options); });
  }
  [[nodiscard]] Task<Result<std::vector<OptionalIndex>>> list_indexes(const CallOptions& options) {
    return watched({"list_indexes"}, options, [&] { return do_list_indexes(options); });
  }
  [[nodiscard]] Task<Result<bool>> add_index(std::string_view name, const CallOptions& options) {
    return watched({"add_index"}, options, [&] { return do_add_index(name, options); });
  }

  // Lets a call run on one of the store's threads; it ends in its queue, exactly once, unless this fails: ES_CLOSED, ES_BUSY.
  [[nodiscard]] static Status start(const std::shared_ptr<Store>& store, std::unique_ptr<StartedCall> call);

  // Refuses new calls, waits for those under way (-1: without limit), and closes the backend. ES_INVALID_ARGUMENT, ES_TIMEOUT.
  [[nodiscard]] Status shutdown(std::int64_t timeout_ms);
  // Before a ShutdownCall is made.
  [[nodiscard]] Status check_shutdown(std::int64_t timeout_ms) const;

  [[nodiscard]] Environment& environment() const { return environment_; }
  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] const char* kind() const { return kind_; }
  [[nodiscard]] const StoreIdentity& identity() const { return identity_; }
  [[nodiscard]] const Metrics& metrics() const { return telemetry_->metrics; }

 private:
  class Visit;
  friend class Closing;
  friend class Admission;
  friend class ShutdownCall;
  struct LeaveToParent {
    void operator()(Store* store) const;
  };

  [[nodiscard]] bool is_inherited() const;
  // Why a call is not let in.
  [[nodiscard]] Error closed() const;

  // A call comes in, unless the store is closed, and goes.
  [[nodiscard]] bool enter();
  void leave(bool is_announced = false);
  // Of a call that was started, before its end is seen: no shutdown gives up on it from then on.
  void announce_leave();
  // What the last of all calls and shutdowns has to close; nullptr for all others.
  [[nodiscard]] std::unique_ptr<Backend> take_if_over() REQUIRES(mutex_);
  void close(std::unique_ptr<Backend> over);

  void tell_opened() const;

  // Makes a call and watches it. `make` is done with before the first wait.
  template <typename Make>
  [[nodiscard]] std::invoke_result_t<Make> watched(CallWatch::Kind kind, const CallOptions& options, Make make) {
    const std::int64_t start_us = options.start_us.value_or(environment_.steady_us());
    CallWatch watch(*telemetry_, environment_, kind, start_us, settings_.slow_call_ms * 1'000);
    auto result = co_await make();
    watch.ended(result);
    co_return result;
  }

  [[nodiscard]] Task<Result<AppendResult>> do_append(const AppendInput& input, const CallOptions& options);
  [[nodiscard]] Task<Result<std::shared_ptr<const Page>>> do_read_stream(const StreamName& stream,
                                                                         const ReadOptions& read,
                                                                         const CallOptions& options);
  [[nodiscard]] Task<Result<std::shared_ptr<const Page>>> do_read_log(const ReadOptions& read,
                                                                      const CallOptions& options);
  [[nodiscard]] Task<Result<std::shared_ptr<const Page>>> do_read_event(const Uuid& event_id, std::uint32_t content,
                                                                        const CallOptions& options);
  [[nodiscard]] Task<Result<std::int64_t>> do_head(const CallOptions& options);
  [[nodiscard]] Task<Result<std::int64_t>> do_stream_version(const StreamName& stream, const CallOptions& options);
  [[nodiscard]] Task<Result<std::int64_t>> do_count(const Filter& filter, const CallOptions& options);
  [[nodiscard]] Task<Result<bool>> do_save_snapshot(const StreamName& stream, std::int64_t version,
                                                    std::int32_t schema_version, std::string_view state,
                                                    const CallOptions& options);
  [[nodiscard]] Task<Result<Snapshot>> do_load_snapshot(const StreamName& stream, const CallOptions& options);
  [[nodiscard]] Task<Result<bool>> do_delete_snapshot(const StreamName& stream, const CallOptions& options);
  [[nodiscard]] Task<Result<Inspection>> do_inspect(const CallOptions& options);
  [[nodiscard]] Task<Result<std::vector<OptionalIndex>>> do_list_indexes(const CallOptions& options);
  [[nodiscard]] Task<Result<bool>> do_add_index(std::string_view name, const CallOptions& options);

  // Starts a call: its clock, and its token waited for.
  [[nodiscard]] Task<Result<Call>> begin(const CallOptions& options);
  [[nodiscard]] Task<Status> wait_for_token(const Call& call);
  void note(const AppendOutcome& outcome) noexcept;
  [[nodiscard]] PageBuilder page_for(const ReadOptions& read) const;
  [[nodiscard]] std::shared_ptr<const Page> finish(PageBuilder& page, const ReadEnd& end) const;

  const std::uint64_t born_ = fork_generation();
  const std::string url_;
  const Settings settings_;
  Environment& environment_;
  const std::shared_ptr<Telemetry> telemetry_;
  const char* const kind_;
  const StoreIdentity identity_;

  Mutex mutex_;
  Condition idle_;
  std::int64_t visits_ GUARDED_BY(mutex_) = 0;   // calls under way
  std::int64_t leaving_ GUARDED_BY(mutex_) = 0;  // those of them whose completion is, or is being, put into its queue
  std::int64_t waiting_ GUARDED_BY(mutex_) = 0;  // shutdowns that wait for them
  bool closed_ GUARDED_BY(mutex_) = false;
  bool closing_ GUARDED_BY(mutex_) = false;  // the backend is on its way down
  // Set once, and used by calls that were counted in visits_ before closed_ was set.
  std::unique_ptr<Backend> backend_;
  GroupCommit appends_;

  const std::shared_ptr<InFlight> in_flight_;  // completions hold it as well
  Loop loop_;                                  // ends first
};

}  // namespace eventsource::core
