// A URL may hold a password, and a message repeats what was typed in the wrong place.
// Thread rule: pure functions; any thread.
#pragma once

#include <string>
#include <vector>

namespace eventsource::cli {

// The message without those words of the command line that are URLs and may hold a password.
[[nodiscard]] std::string hide_urls(std::string message, const std::vector<std::string>& words);

}  // namespace eventsource::cli
