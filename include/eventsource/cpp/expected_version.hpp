// Which version a stream is expected to be at when it is appended to. A plain value.
#pragma once

#include <cstdint>

#include "eventsource/append.h"

namespace eventsource {

class ExpectedVersion {
 public:
  // Whatever version the stream is at: never conflicts.
  static constexpr ExpectedVersion any() noexcept { return ExpectedVersion(ES_ANY); }
  // The stream has no event yet.
  static constexpr ExpectedVersion no_stream() noexcept { return ExpectedVersion(ES_NO_STREAM); }
  // The stream has at least one event.
  static constexpr ExpectedVersion stream_exists() noexcept { return ExpectedVersion(ES_STREAM_EXISTS); }
  // The stream's last event has this version; 0 is no_stream().
  static constexpr ExpectedVersion exact(std::int64_t version) noexcept { return ExpectedVersion(version); }

  [[nodiscard]] constexpr std::int64_t value() const noexcept { return value_; }
  friend constexpr bool operator==(ExpectedVersion, ExpectedVersion) = default;

 private:
  explicit constexpr ExpectedVersion(std::int64_t value) noexcept : value_(value) {}

  std::int64_t value_;
};

}  // namespace eventsource
