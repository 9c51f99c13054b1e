// What the user may have meant.
// Thread rule: a pure function; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace eventsource::cli {

// " (did you mean PREFIXname?)" with the nearest of `names`; empty when none is near.
std::string suggestion(std::string_view word, const std::vector<std::string_view>& names, std::string_view prefix);

}  // namespace eventsource::cli
