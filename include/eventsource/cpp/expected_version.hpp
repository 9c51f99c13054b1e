// Which version a stream is expected to be at when it is appended to. A plain value.
#pragma once

#include <cstdint>

#include "eventsource/append.h"
#include "eventsource/cpp/error.hpp"

namespace eventsource {

class ExpectedVersion {
 public:
  // Whatever version the stream is at: never conflicts.
  static constexpr ExpectedVersion any() noexcept { return ExpectedVersion(ES_ANY); }
  // The stream has no event yet.
  static constexpr ExpectedVersion no_stream() noexcept { return ExpectedVersion(ES_NO_STREAM); }
  // The stream has at least one event.
  static constexpr ExpectedVersion stream_exists() noexcept { return ExpectedVersion(ES_STREAM_EXISTS); }
  // The stream's last event has this version; 0 is no_stream(). No stream is at a negative version: the append refuses one,
  // so that a variable that was never set does not switch the check off.
  static constexpr ExpectedVersion exact(std::int64_t version) noexcept {
    return ExpectedVersion(version < 0 ? kNegative : version);
  }

  // For the C functions, which refuse the value of a negative exact().
  [[nodiscard]] constexpr std::int64_t value() const noexcept { return value_; }
  // ES_INVALID_ARGUMENT after a negative exact(), else no error.
  [[nodiscard]] Error error() const noexcept {
    if (value_ != kNegative) return {};
    return {
        ES_INVALID_ARGUMENT,
        "ExpectedVersion::exact was given a negative version, and no stream is at one. Give the version that was read, "
        "or say no_stream(), stream_exists(), or any() to have nothing checked."};
  }
  friend constexpr bool operator==(ExpectedVersion, ExpectedVersion) = default;

 private:
  // Neither a version nor one of ES_ANY and its like.
  static constexpr std::int64_t kNegative = INT64_MIN;

  explicit constexpr ExpectedVersion(std::int64_t value) noexcept : value_(value) {}

  std::int64_t value_;
};

}  // namespace eventsource
