// The decision table for repeated appends (append.h), as a pure function over what a backend found in its transaction.
// Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/event/append_input.hpp"

namespace eventsource::core {

// A stream as the transaction sees it.
struct StreamState {
  std::int64_t version = 0;       // 0: no event yet
  std::optional<Uuid> tenant_id;  // of its events; means nothing at version 0
  bool foreign_tenant = false;    // its events have a tenant that is no UUID
};

// A stored event with the id of one that is appended.
struct KnownEvent {
  std::int64_t position = 0;
  std::int64_t version = 0;
  std::string aggregate_type;
  Uuid aggregate_id;
  bool same_content = false;  // same_content() of document.hpp
};

// What to do with an append that is accepted. Per event, in the caller's order.
struct Decision {
  bool writes = false;                        // false: everything is known, return the first result
  std::vector<std::int64_t> versions;         // of the known event, or to be given to the new one
  std::vector<std::int64_t> positions;        // of the known event, 0 where the backend draws one
  std::vector<std::uint8_t> known;            // 1: not to be written
  std::vector<std::uint32_t> repeats;         // index of the earlier event with the same id, or the event's own index
  std::vector<std::int64_t> stream_versions;  // per stream
};

// Applies the rules. `streams` goes with append.streams, `known` with append.events; an empty `known` says that no id was
// looked up, and that none is assumed to be known or to come twice: the insert will tell.
[[nodiscard]] Result<Decision> decide(const PreparedAppend& append, std::span<const StreamState> streams,
                                      std::span<const std::optional<KnownEvent>> known);

// The append contradicts what is stored (status.h, -300): the store was asked, and the batch is not in it.
[[nodiscard]] bool is_refusal(const Error& error);
// It does so for good: whatever of a try before is still on its way can't be written any more.
[[nodiscard]] bool stays_refused(const Error& error);

// The outcome of an append that was carried out. `decision.positions` is complete, but for repeated ids.
[[nodiscard]] AppendOutcome to_outcome(Decision decision);

}  // namespace eventsource::core
