// What an append wrote. Immutable, any thread. What it gives out lives as long as the result.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "eventsource/append.h"
#include "eventsource/cpp/handle.hpp"
#include "eventsource/cpp/uuid.hpp"

namespace eventsource {

class AppendResult {
 public:
  // Takes over `result`.
  explicit AppendResult(es_append_result* result) noexcept : result_(result) {}

  // Events in the append, and how many of them were known already and not written again.
  [[nodiscard]] std::size_t size() const noexcept { return es_append_result_count(result_.get()); }
  [[nodiscard]] std::size_t known_count() const noexcept { return es_append_result_known_count(result_.get()); }

  // The lowest and the highest global position among them; 0 for an append without events.
  [[nodiscard]] std::int64_t first_position() const noexcept { return es_append_result_first_position(result_.get()); }
  [[nodiscard]] std::int64_t last_position() const noexcept { return es_append_result_last_position(result_.get()); }

  // Of each event, in the caller's order.
  [[nodiscard]] std::span<const Uuid> event_ids() const noexcept {
    return {reinterpret_cast<const Uuid*>(es_append_result_event_ids(result_.get())), size()};
  }
  [[nodiscard]] std::span<const std::int64_t> positions() const noexcept {
    return {es_append_result_positions(result_.get()), size()};
  }
  [[nodiscard]] std::span<const std::int64_t> versions() const noexcept {
    return {es_append_result_versions(result_.get()), size()};
  }
  // 1 where the event was known.
  [[nodiscard]] std::span<const std::uint8_t> known() const noexcept {
    return {es_append_result_known(result_.get()), size()};
  }
  // The index of its stream in stream_versions().
  [[nodiscard]] std::span<const std::int32_t> event_streams() const noexcept {
    return {es_append_result_event_streams(result_.get()), size()};
  }

  // The version of each stream after this append, in the order in which they first appear.
  [[nodiscard]] std::span<const std::int64_t> stream_versions() const noexcept {
    return {es_append_result_stream_versions(result_.get()), es_append_result_stream_count(result_.get())};
  }

  // For Call::token: a call that carries it sees this append.
  [[nodiscard]] std::string_view token() const noexcept {
    const char* token = es_append_result_token(result_.get());
    return token == nullptr ? std::string_view() : token;
  }

 private:
  detail::Handle<es_append_result, es_append_result_close> result_;
};

}  // namespace eventsource
