// What is behind each opaque handle of the C ABI.
// Thread rules as in the public headers.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "eventsource/eventsource.h"

#include "core/base/call.hpp"
#include "core/log/log.hpp"
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

namespace eventsource::capi {

[[nodiscard]] inline core::CallOptions options_of(const es_call* call) {
  return call == nullptr ? core::CallOptions() : call->options;
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
