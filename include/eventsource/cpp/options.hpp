// Options of a store (options.h has the table). Used by one thread at a time; an open copies what it needs.
//
//     Store::open(url, Options().create(false).read_only(true));
//
// A setter that fails does nothing but keep its error, which ok() tells and Store::open returns.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "eventsource/cpp/handle.hpp"
#include "eventsource/cpp/log.hpp"
#include "eventsource/cpp/result.hpp"
#include "eventsource/options.h"

namespace eventsource {

enum class Synchronous { kFull, kNormal };

class Options {
 public:
  // Any option by its name.
  Options& set(std::string_view key, std::string_view value) {
    if (options_.get() == nullptr) detail::check(error_, es_options_new, options_.out());
    detail::check(error_, es_options_set, options_.get(), key.data(), key.size(), value.data(), value.size());
    return *this;
  }

  Options& create(bool on) { return set("create", on ? "true" : "false"); }
  Options& read_only(bool on) { return set("read_only", on ? "true" : "false"); }
  Options& busy_timeout(std::chrono::milliseconds time) { return set("busy_timeout_ms", std::to_string(time.count())); }
  Options& synchronous(Synchronous mode) { return set("synchronous", mode == Synchronous::kFull ? "full" : "normal"); }
  Options& page_bytes(std::int64_t bytes) { return set("page_bytes", std::to_string(bytes)); }
  Options& max_event_bytes(std::int64_t bytes) { return set("max_event_bytes", std::to_string(bytes)); }
  Options& max_append_events(std::int64_t events) { return set("max_append_events", std::to_string(events)); }
  Options& max_in_flight(std::int64_t calls) { return set("max_in_flight", std::to_string(calls)); }

  // The pool of a PostgreSQL store.
  Options& pool_size(std::int64_t connections) { return set("pool_size", std::to_string(connections)); }
  Options& max_overflow(std::int64_t connections) { return set("max_overflow", std::to_string(connections)); }
  Options& pool_timeout(std::chrono::milliseconds time) { return set("pool_timeout_ms", std::to_string(time.count())); }
  Options& pool_recycle(std::chrono::milliseconds age) { return set("pool_recycle_ms", std::to_string(age.count())); }
  Options& pool_pre_ping(bool on) { return set("pool_pre_ping", on ? "true" : "false"); }

  // The log tells of calls that take at least this long; 0: of none.
  Options& slow_call(std::chrono::milliseconds time) { return set("slow_call_ms", std::to_string(time.count())); }

  // Where the store tells what it does.
  Options& log(const Log& log) {
    if (options_.get() == nullptr) detail::check(error_, es_options_new, options_.out());
    detail::check(error_, es_options_set_log, options_.get(), log.get());
    return *this;
  }

  // The first error of a setter.
  [[nodiscard]] bool ok() const noexcept { return error_.code() == ES_OK; }
  [[nodiscard]] const Error& error() const noexcept { return error_; }

  // For the C functions; NULL as long as nothing was set.
  [[nodiscard]] const es_options* get() const noexcept { return options_.get(); }

 private:
  detail::Handle<es_options, es_options_close> options_;
  Error error_;
};

}  // namespace eventsource
