// A store whose calls do not wait (start.h): each starts at once, copies what it is given, and ends in a queue. Any thread.
//
//     const AsyncStore async(store, queue);
//     async.append(append).then([](Result<AppendResult> result) { … });
//
// The functions are those of Store. A call that can't be started (the store was shut down, too many are in flight) has
// that error as its result.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "eventsource/cpp/queue.hpp"
#include "eventsource/cpp/started.hpp"
#include "eventsource/cpp/store.hpp"
#include "eventsource/start.h"

namespace eventsource {

class AsyncStore {
 public:
  // The queue may end first: the calls then fail with ES_INVALID_ARGUMENT.
  AsyncStore(Store store, const CompletionQueue& queue) noexcept : store_(std::move(store)), calls_(queue.calls_) {}

  [[nodiscard]] const Store& store() const noexcept { return store_; }

  // Opens a store: AsyncStore(Store, queue) makes the calls of what it gives.
  static Started<Store> open(const CompletionQueue& queue, std::string_view url,
                             const Options& options = detail::default_of<Options>(),
                             const Call& call = detail::default_of<Call>()) {
    return start<Store>(*queue.calls_, options.error(), [&](Error& error, std::int64_t tag) {
      const detail::CallHandle c_call(call);
      if (error.code() == ES_OK) error = c_call.error();
      detail::check(error, es_store_start_open, std::uint32_t{ES_ABI_VERSION}, url.data(), url.size(), options.get(),
                    c_call.get(), queue.get(), tag);
    });
  }

  // ---- Appending. ----

  Started<AppendResult> append(const Append& append, const Call& call = detail::default_of<Call>()) const {
    return started<AppendResult>(append.error(), call, es_store_start_append, append.get());
  }
  Started<AppendResult> append(PackedAppend& packed, const Call& call = detail::default_of<Call>()) const {
    const auto bytes = packed.bytes();
    const std::span<const std::byte> buffer = bytes ? *bytes : std::span<const std::byte>();
    return started<AppendResult>(bytes.error(), call, es_store_start_append_packed,
                                 static_cast<const void*>(buffer.data()), buffer.size());
  }
  Started<AppendResult> append_packed(std::span<const std::byte> buffer,
                                      const Call& call = detail::default_of<Call>()) const {
    return started<AppendResult>({}, call, es_store_start_append_packed, static_cast<const void*>(buffer.data()),
                                 buffer.size());
  }

  // ---- Reading, a page at a time. ----

  Started<Page> read_log(const Read& read = detail::default_of<Read>(),
                         const Call& call = detail::default_of<Call>()) const {
    const detail::ReadHandle c_read(read);
    return started<Page>(c_read.error(), call, es_store_start_read_log, c_read.get());
  }
  Started<Page> read_stream(std::string_view aggregate_type, const Uuid& aggregate_id,
                            const Read& read = detail::default_of<Read>(),
                            const Call& call = detail::default_of<Call>()) const {
    const detail::ReadHandle c_read(read);
    return started<Page>(c_read.error(), call, es_store_start_read_stream, aggregate_type.data(), aggregate_type.size(),
                         aggregate_id.data(), c_read.get());
  }
  Started<Page> event(const Uuid& id, Content content = Content::kDocument,
                      const Call& call = detail::default_of<Call>()) const {
    return started<Page>({}, call, es_store_start_read_event, id.data(), static_cast<std::uint32_t>(content));
  }
  Started<std::int64_t> head(const Call& call = detail::default_of<Call>()) const {
    return started<std::int64_t>({}, call, es_store_start_head);
  }
  Started<std::int64_t> stream_version(std::string_view aggregate_type, const Uuid& aggregate_id,
                                       const Call& call = detail::default_of<Call>()) const {
    return started<std::int64_t>({}, call, es_store_start_stream_version, aggregate_type.data(), aggregate_type.size(),
                                 aggregate_id.data());
  }
  Started<std::int64_t> count(const Filter& filter = detail::default_of<Filter>(),
                              const Call& call = detail::default_of<Call>()) const {
    const detail::FilterHandle c_filter(filter);
    return started<std::int64_t>(c_filter.error(), call, es_store_start_count, c_filter.get());
  }

  // ---- Snapshots. ----

  Started<bool> save_snapshot(std::string_view aggregate_type, const Uuid& aggregate_id, std::int64_t version,
                              std::int32_t schema_version, std::string_view state,
                              const Call& call = detail::default_of<Call>()) const {
    return started<bool>({}, call, es_store_start_save_snapshot, aggregate_type.data(), aggregate_type.size(),
                         aggregate_id.data(), version, schema_version, state.data(), state.size());
  }
  Started<Snapshot> load_snapshot(std::string_view aggregate_type, const Uuid& aggregate_id,
                                  const Call& call = detail::default_of<Call>()) const {
    return started<Snapshot>({}, call, es_store_start_load_snapshot, aggregate_type.data(), aggregate_type.size(),
                             aggregate_id.data());
  }
  Started<bool> delete_snapshot(std::string_view aggregate_type, const Uuid& aggregate_id,
                                const Call& call = detail::default_of<Call>()) const {
    return started<bool>({}, call, es_store_start_delete_snapshot, aggregate_type.data(), aggregate_type.size(),
                         aggregate_id.data());
  }

  // ---- The store itself. ----

  Started<Inspection> inspect(const Call& call = detail::default_of<Call>()) const {
    return started<Inspection>({}, call, es_store_start_inspect);
  }
  Started<Indexes> indexes(const Call& call = detail::default_of<Call>()) const {
    return started<Indexes>({}, call, es_store_start_index_list);
  }
  Started<bool> add_index(std::string_view name, const Call& call = detail::default_of<Call>()) const {
    return started<bool>({}, call, es_store_start_index_add, name.data(), name.size());
  }

  // Refuses calls from now on, and ends when those before it have ended.
  Started<void> shutdown(std::chrono::milliseconds timeout = std::chrono::milliseconds(-1)) const {
    return start<void>(*calls_, {}, [&](Error& error, std::int64_t tag) {
      detail::check(error, es_store_start_shutdown, store_.get(), std::int64_t{timeout.count()}, calls_->queue.get(),
                    tag);
    });
  }

 private:
  // Starts function(store, arguments…, call, queue, tag, &err), unless there is an error already.
  template <class T, class Function, class... Arguments>
  Started<T> started(const Error& before, const Call& call, Function* function, Arguments... arguments) const {
    return start<T>(*calls_, before, [&](Error& error, std::int64_t tag) {
      const detail::CallHandle c_call(call);
      if (error.code() == ES_OK) error = c_call.error();
      detail::check(error, function, store_.get(), arguments..., c_call.get(), calls_->queue.get(), tag);
    });
  }

  // `begin(error, tag)` leaves an error where the call was not started: it ends at once then.
  template <class T, class Begin>
  static Started<T> start(detail::StartedCalls& calls, Error error, Begin&& begin) {
    auto pending = std::make_shared<detail::PendingCallOf<T>>();
    const std::int64_t tag = calls.add(pending);
    begin(error, tag);
    if (error.code() != ES_OK && calls.remove(tag) != nullptr) {
      pending->keep(std::move(error));
      pending->go_on();
    }
    return Started<T>(std::move(pending));
  }

  Store store_;
  std::shared_ptr<detail::StartedCalls> calls_;
};

}  // namespace eventsource
