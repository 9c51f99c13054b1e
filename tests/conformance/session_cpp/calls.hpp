// How a session calls a store: by the functions that wait, or by the same calls started, each waited for in a queue. What a
// call does and gives must be the same.
// One thread.
#pragma once

#include "eventsource/eventsource.h"

namespace conformance {

// noexcept is no part of what is asked of them.
template <typename Function>
struct Plain;
template <typename Result, typename... Arguments>
struct Plain<Result (*)(Arguments...) noexcept> {
  using Pointer = Result (*)(Arguments...);
};

struct Calls {
  Plain<decltype(&es_store_open)>::Pointer open;
  Plain<decltype(&es_store_shutdown)>::Pointer shutdown;
  Plain<decltype(&es_store_append)>::Pointer append;
  Plain<decltype(&es_store_append_packed)>::Pointer append_packed;
  Plain<decltype(&es_store_read_stream)>::Pointer read_stream;
  Plain<decltype(&es_store_read_log)>::Pointer read_log;
  Plain<decltype(&es_store_read_event)>::Pointer read_event;
  Plain<decltype(&es_store_head)>::Pointer head;
  Plain<decltype(&es_store_stream_version)>::Pointer stream_version;
  Plain<decltype(&es_store_count)>::Pointer count;
  Plain<decltype(&es_store_save_snapshot)>::Pointer save_snapshot;
  Plain<decltype(&es_store_load_snapshot)>::Pointer load_snapshot;
  Plain<decltype(&es_store_delete_snapshot)>::Pointer delete_snapshot;
  Plain<decltype(&es_store_inspect)>::Pointer inspect;
};

[[nodiscard]] const Calls& direct_calls();
[[nodiscard]] const Calls& started_calls();

// Those of this run: the started ones where EVENTSOURCE_CONFORMANCE_CALLS is `started`.
[[nodiscard]] const Calls& calls_of_this_run();

}  // namespace conformance
