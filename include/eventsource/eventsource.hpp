// eventsource for C++20: header-only, over the C interface (eventsource.h), which says in full what each call means.
//
//     #include <eventsource/eventsource.hpp>
//     namespace es = eventsource;
//
//     auto store = es::Store::open("sqlite:///events.db").value();
//     es::Append append;
//     append.stream("Order", id, es::ExpectedVersion::no_stream()).event("OrderPlaced", R"({"total": 1.10})");
//     store.append(append).value();
//     for (const es::Event& event : store.log()) …
//
// Every function that can fail returns a Result; its value() throws. docs/cpp.md shows more.
#pragma once

#include "eventsource/cpp/append.hpp"
#include "eventsource/cpp/append_result.hpp"
#include "eventsource/cpp/async_store.hpp"
#include "eventsource/cpp/call.hpp"
#include "eventsource/cpp/error.hpp"
#include "eventsource/cpp/event.hpp"
#include "eventsource/cpp/event_range.hpp"
#include "eventsource/cpp/expected_version.hpp"
#include "eventsource/cpp/filter.hpp"
#include "eventsource/cpp/index.hpp"
#include "eventsource/cpp/inspect.hpp"
#include "eventsource/cpp/json.hpp"
#include "eventsource/cpp/log.hpp"
#include "eventsource/cpp/metrics.hpp"
#include "eventsource/cpp/options.hpp"
#include "eventsource/cpp/packed.hpp"
#include "eventsource/cpp/page.hpp"
#include "eventsource/cpp/queue.hpp"
#include "eventsource/cpp/read.hpp"
#include "eventsource/cpp/result.hpp"
#include "eventsource/cpp/snapshot.hpp"
#include "eventsource/cpp/started.hpp"
#include "eventsource/cpp/store.hpp"
#include "eventsource/cpp/time.hpp"
#include "eventsource/cpp/uuid.hpp"
#include "eventsource/version.h"
