// A page as JSON in the form of an expectation, and whether it keeps what page.h promises of every page.
// Used by one thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "eventsource/page.h"

#include "tests/conformance/session_cpp/vector.hpp"

namespace conformance {

// What the read asked for.
struct PageAsked {
  std::uint32_t content = ES_CONTENT_DOCUMENT;
  std::int64_t page_events = 0;  // 0: nothing was said
  std::int64_t page_bytes = 0;
};

using Ordinal = std::function<Json(std::int64_t)>;  // a position in the vector's own counting

// {"events": [...], "end": …, "scanned_through": …}
[[nodiscard]] Json page_json(const es_page* page, const Ordinal& ordinal);

// One line for each promise that is broken.
[[nodiscard]] std::vector<std::string> broken_promises(const es_page* page, const PageAsked& asked);

[[nodiscard]] std::string uuid_text(const std::uint8_t* id);

}  // namespace conformance
