// A snapshot: the state of an aggregate at a version. Immutable, any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "eventsource/cpp/handle.hpp"
#include "eventsource/cpp/time.hpp"
#include "eventsource/snapshot.h"

namespace eventsource {

class Snapshot {
 public:
  // Takes over `snapshot`.
  explicit Snapshot(es_snapshot* snapshot) noexcept : snapshot_(snapshot) {}

  // The stream's version that it holds, and the caller's number for the form of the state.
  [[nodiscard]] std::int64_t version() const noexcept { return es_snapshot_version(snapshot_.get()); }
  [[nodiscard]] std::int32_t schema_version() const noexcept { return es_snapshot_schema_version(snapshot_.get()); }
  [[nodiscard]] Time created_at() const noexcept { return time_from_micros(es_snapshot_created_at(snapshot_.get())); }

  // The JSON that was saved, byte for byte. Lives as long as the snapshot.
  [[nodiscard]] std::string_view state() const noexcept {
    std::size_t length = 0;
    const char* text = es_snapshot_state(snapshot_.get(), &length);
    return {text, length};
  }

 private:
  detail::Handle<es_snapshot, es_snapshot_close> snapshot_;
};

}  // namespace eventsource
