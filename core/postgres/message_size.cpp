#include "core/postgres/message_size.hpp"

#include <climits>

namespace eventsource::core::postgres {

// Below the server's own 2^30 - 2 bytes: each of a million elements of an array may take some bytes more there. Whatever
// passes has a size that fits libpq's int.
static_assert(ES_POSTGRESQL_APPEND_BYTES_MAX < (1 << 30) - 8 * ES_APPEND_EVENTS_MAX);
static_assert(ES_POSTGRESQL_APPEND_BYTES_MAX <= INT_MAX);

Status check_size(const Parameters& parameters, const std::string& shown, std::size_t most) {
  const std::size_t bytes = parameters.bytes();
  if (bytes <= most) return {};
  return Error(ES_LIMIT_EXCEEDED, shown + ": this would send " + std::to_string(bytes) +
                                      " bytes to the server at once, which takes at most " + std::to_string(most) +
                                      ": split the append into several")
      .detail("limit", static_cast<std::int64_t>(most));
}

}  // namespace eventsource::core::postgres
