// What is behind each opaque handle of the C ABI.
// Thread rules as in the public headers.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "eventsource/eventsource.h"

#include "core/base/call.hpp"
#include "core/base/metrics.hpp"
#include "core/log/log.hpp"
#include "core/runtime/completion_queue.hpp"
#include "core/store/append_builder.hpp"
#include "core/store/store.hpp"

struct es_options {
  eventsource::core::Settings settings;
};

struct es_log {
  std::atomic<std::int64_t> references{1};
  std::shared_ptr<eventsource::core::Log> log;

  ~es_log() {
    if (log != nullptr) log->end();
  }
};

struct es_log_record {
  std::unique_ptr<eventsource::core::LogRecord> record;
};

struct es_call {
  eventsource::core::CallOptions options;
};

struct es_cancel {
  std::shared_ptr<eventsource::core::CancelFlag> flag = std::make_shared<eventsource::core::CancelFlag>();
};

struct es_store {
  std::atomic<std::int64_t> references{1};
  std::shared_ptr<eventsource::core::Store> store;
};

struct es_append {
  eventsource::core::AppendBuilder builder{eventsource::core::system_environment()};
};

struct es_append_result {
  eventsource::core::AppendResult result;
};

struct es_filter {
  eventsource::core::Filter filter;
};

struct es_read {
  eventsource::core::ReadOptions options;
};

struct es_page {
  std::atomic<std::int64_t> references{1};
  std::shared_ptr<const eventsource::core::Page> page;
};

struct es_snapshot {
  eventsource::core::Snapshot snapshot;
};

struct es_indexes {
  std::vector<eventsource::core::OptionalIndex> indexes;
};

struct es_inspection {
  eventsource::core::Inspection inspection;
};

struct es_queue {
  std::atomic<std::int64_t> references{1};
  std::shared_ptr<eventsource::core::CompletionQueue> queue;
};

// What a call gives is put into handles that were made when it was started.
struct es_completion final : eventsource::core::Completion {
  es_completion(std::int64_t its_tag, std::int32_t its_kind) : tag(its_tag), kind(its_kind) {}
  ~es_completion() override { es_error_close(&error); }

  // A call that failed gives its error alone.
  void drop_results() noexcept {
    store.reset();
    append_result.reset();
    page.reset();
    snapshot.reset();
    inspection.reset();
    indexes.reset();
    number = 0;
  }

  const std::int64_t tag;
  const std::int32_t kind;
  es_status status = ES_OK;
  es_error* error = nullptr;
  std::int64_t number = 0;
  std::unique_ptr<es_store> store;
  std::unique_ptr<es_append_result> append_result;
  std::unique_ptr<es_page> page;
  std::unique_ptr<es_snapshot> snapshot;
  std::unique_ptr<es_inspection> inspection;
  std::unique_ptr<es_indexes> indexes;
};

struct es_metrics {
  std::vector<eventsource::core::MetricValue> values;
  std::string text;
};

namespace eventsource::capi {

[[nodiscard]] inline core::CallOptions options_of(const es_call* call) {
  return call == nullptr ? core::CallOptions() : call->options;
}

// The number that a caller hands to every open.
[[nodiscard]] inline core::Status check_abi(std::uint32_t abi) {
  if (abi >= 1 && abi <= ES_ABI_VERSION) return {};
  if (abi == 0) {
    return core::Error(ES_INVALID_ABI, "0 is no ABI: pass ES_ABI_VERSION, which is " + std::to_string(ES_ABI_VERSION) +
                                           " in this library");
  }
  return core::Error(ES_INVALID_ABI, "the caller was compiled for ABI " + std::to_string(abi) +
                                         ", this library has ABI " + std::to_string(ES_ABI_VERSION) +
                                         ": install a library that is at least as new as the headers");
}

// Keeps the store alive while the call runs, also when its handle is closed meanwhile.
[[nodiscard]] inline std::shared_ptr<core::Store> store_of(const es_store* store) {
  return store->store;
}

// Gives up one reference of a counted handle and forgets it.
template <typename Handle>
void release(Handle** handle) noexcept {
  if (handle == nullptr || *handle == nullptr) return;
  if ((*handle)->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete *handle;
  *handle = nullptr;
}

}  // namespace eventsource::capi
