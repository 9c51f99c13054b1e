// Whether an event is sound by itself: its document against its columns.
// Thread rule: pure functions; any thread.
#pragma once

#include <string>
#include <vector>

#include "eventsource/eventsource.hpp"

namespace eventsource::cli {

// What is wrong with an event that was read with DOCUMENT, ENVELOPE and DATA; one sentence each, none when it is sound.
std::vector<std::string> check_document(const Event& event);

// The same of its data and metadata alone, which an event that was read with ENVELOPE and DATA has.
std::vector<std::string> check_json(const Event& event);

}  // namespace eventsource::cli
