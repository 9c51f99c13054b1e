// A store. May be used by any number of threads at the same time; copies are references to the same store, and pages,
// results and errors outlive it. A child made by fork opens its own: the parent's gives it ES_FORKED (store.h). The C headers say what each call means and how it fails.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "eventsource/cpp/append.hpp"
#include "eventsource/cpp/append_result.hpp"
#include "eventsource/cpp/call.hpp"
#include "eventsource/cpp/event_range.hpp"
#include "eventsource/cpp/filter.hpp"
#include "eventsource/cpp/index.hpp"
#include "eventsource/cpp/inspect.hpp"
#include "eventsource/cpp/metrics.hpp"
#include "eventsource/cpp/options.hpp"
#include "eventsource/cpp/packed.hpp"
#include "eventsource/cpp/page.hpp"
#include "eventsource/cpp/read.hpp"
#include "eventsource/cpp/snapshot.hpp"
#include "eventsource/cpp/store_handle.hpp"
#include "eventsource/schema.h"
#include "eventsource/store.h"

namespace eventsource {

class Store {
 public:
  // Takes over `store`.
  explicit Store(es_store* store) noexcept : store_(store) {}

  // Opens a store, and makes it where there is none: "memory:", "sqlite:///events.db",
  // "postgresql://user@host/database" (store.h).
  static Result<Store> open(std::string_view url, const Options& options = {}, const Call& call = {}) {
    if (!options.ok()) return options.error();
    const detail::CallHandle c_call(call);
    Error error = c_call.error();
    es_store* store = nullptr;
    detail::check(error, es_store_open, std::uint32_t{ES_ABI_VERSION}, url.data(), url.size(), options.get(),
                  c_call.get(), &store);
    if (error.code() != ES_OK) return error;
    return Store(store);
  }

  // ---- Appending: all of it, durably, or nothing (append.h). ----

  Result<AppendResult> append(const Append& append, const Call& call = {}) const {
    if (!append.ok()) return append.error();
    return output<AppendResult, es_append_result>(call, es_store_append, append.get());
  }
  Result<AppendResult> append(PackedAppend& packed, const Call& call = {}) const {
    const auto bytes = packed.bytes();
    if (!bytes) return bytes.error();
    return append_packed(*bytes, call);
  }
  Result<AppendResult> append_packed(std::span<const std::byte> buffer, const Call& call = {}) const {
    return output<AppendResult, es_append_result>(call, es_store_append_packed, static_cast<const void*>(buffer.data()),
                                                  buffer.size());
  }

  // ---- Reading: loops (event_range.hpp), single pages (read.h), single events. ----

  [[nodiscard]] EventRange log(const Read& read = {}, const Call& call = {}) const {
    return EventRange(store_, read, call);
  }
  [[nodiscard]] EventRange stream(std::string_view aggregate_type, const Uuid& aggregate_id, const Read& read = {},
                                  const Call& call = {}) const {
    return EventRange(store_, aggregate_type, aggregate_id, read, call);
  }

  Result<Page> read_log(const Read& read = {}, const Call& call = {}) const {
    const detail::ReadHandle c_read(read);
    if (c_read.error().code() != ES_OK) return c_read.error();
    return output<Page, es_page>(call, es_store_read_log, c_read.get());
  }
  Result<Page> read_stream(std::string_view aggregate_type, const Uuid& aggregate_id, const Read& read = {},
                           const Call& call = {}) const {
    const detail::ReadHandle c_read(read);
    if (c_read.error().code() != ES_OK) return c_read.error();
    return output<Page, es_page>(call, es_store_read_stream, aggregate_type.data(), aggregate_type.size(),
                                 aggregate_id.data(), c_read.get());
  }
  // The event with this id, alone on a page. ES_EVENT_NOT_FOUND.
  Result<Page> event(const Uuid& id, Content content = Content::kDocument, const Call& call = {}) const {
    return output<Page, es_page>(call, es_store_read_event, id.data(), static_cast<std::uint32_t>(content));
  }

  // The position of the newest event; 0 for an empty store.
  Result<std::int64_t> head(const Call& call = {}) const { return output<std::int64_t>(call, es_store_head); }
  // The version of a stream; 0 when it has no event.
  Result<std::int64_t> stream_version(std::string_view aggregate_type, const Uuid& aggregate_id,
                                      const Call& call = {}) const {
    return output<std::int64_t>(call, es_store_stream_version, aggregate_type.data(), aggregate_type.size(),
                                aggregate_id.data());
  }
  // How many events there are, or how many of them the filter passes.
  Result<std::int64_t> count(const Filter& filter = {}, const Call& call = {}) const {
    const detail::FilterHandle c_filter(filter);
    if (c_filter.error().code() != ES_OK) return c_filter.error();
    return output<std::int64_t>(call, es_store_count, c_filter.get());
  }

  // ---- Snapshots (snapshot.h). ----

  // True when it was saved, false when what is there is newer.
  Result<bool> save_snapshot(std::string_view aggregate_type, const Uuid& aggregate_id, std::int64_t version,
                             std::int32_t schema_version, std::string_view state, const Call& call = {}) const {
    return flag(output<std::int32_t>(call, es_store_save_snapshot, aggregate_type.data(), aggregate_type.size(),
                                     aggregate_id.data(), version, schema_version, state.data(), state.size()));
  }
  // ES_SNAPSHOT_NOT_FOUND.
  Result<Snapshot> load_snapshot(std::string_view aggregate_type, const Uuid& aggregate_id,
                                 const Call& call = {}) const {
    return output<Snapshot, es_snapshot>(call, es_store_load_snapshot, aggregate_type.data(), aggregate_type.size(),
                                         aggregate_id.data());
  }
  // False when there was none.
  Result<bool> delete_snapshot(std::string_view aggregate_type, const Uuid& aggregate_id, const Call& call = {}) const {
    return flag(output<std::int32_t>(call, es_store_delete_snapshot, aggregate_type.data(), aggregate_type.size(),
                                     aggregate_id.data()));
  }

  // ---- The store itself. ----

  // Sizes and counts; takes time in proportion to the store.
  Result<Inspection> inspect(const Call& call = {}) const {
    return output<Inspection, es_inspection>(call, es_store_inspect);
  }

  // The optional indexes of a store in PostgreSQL (index.h).
  Result<Indexes> indexes(const Call& call = {}) const {
    return output<Indexes, es_indexes>(call, es_store_index_list);
  }
  // Makes one while others go on; takes time in proportion to the store. False when it was there already.
  Result<bool> add_index(std::string_view name, const Call& call = {}) const {
    return flag(output<std::int32_t>(call, es_store_index_add, name.data(), name.size()));
  }

  // What the store has counted so far (metrics.h).
  Result<Metrics> metrics() const {
    es_metrics* metrics = nullptr;
    Error error;
    detail::check(error, es_store_metrics, static_cast<const es_store*>(store_.get()), &metrics);
    if (error.code() != ES_OK) return error;
    return Metrics(metrics);
  }

  // Ends the use of the store through every copy; waits for the calls under way, at most `timeout` (-1 ms: no limit).
  Result<void> shutdown(std::chrono::milliseconds timeout = std::chrono::milliseconds(-1)) const {
    Error error;
    detail::check(error, es_store_shutdown, store_.get(), std::int64_t{timeout.count()});
    if (error.code() != ES_OK) return error;
    return {};
  }

  // The store's identity, which tokens name.
  Result<Uuid> id() const {
    Uuid id;
    Error error;
    detail::check(error, es_store_id, store_.get(), id.bytes.data());
    if (error.code() != ES_OK) return error;
    return id;
  }
  [[nodiscard]] std::int32_t schema_version() const noexcept { return es_store_schema_version(store_.get()); }
  // Without a password. Lives as long as a copy of the store.
  [[nodiscard]] std::string_view url() const noexcept { return text(es_store_url(store_.get())); }
  [[nodiscard]] std::string_view backend() const noexcept { return text(es_store_backend(store_.get())); }
  [[nodiscard]] bool was_created() const noexcept { return es_store_was_created(store_.get()) != 0; }

  // For the C functions; NULL after a move.
  [[nodiscard]] es_store* get() const noexcept { return store_.get(); }

 private:
  static std::string_view text(const char* text) noexcept { return text == nullptr ? std::string_view() : text; }

  static Result<bool> flag(const Result<std::int32_t>& number) {
    if (!number) return number.error();
    return *number != 0;
  }

  // Calls function(store, arguments…, call, &out, &err), where out is a number or a new handle that T takes over.
  template <class T, class Out = T, class Function, class... Arguments>
  Result<T> output(const Call& call, Function* function, Arguments... arguments) const {
    const detail::CallHandle c_call(call);
    Error error = c_call.error();
    std::conditional_t<std::is_same_v<T, Out>, Out, Out*> out{};
    detail::check(error, function, store_.get(), arguments..., c_call.get(), &out);
    if (error.code() != ES_OK) return error;
    return T(out);
  }

  detail::StoreHandle store_;
};

}  // namespace eventsource
