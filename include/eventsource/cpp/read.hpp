// How to read: direction, content, bounds. A plain value: write what differs from "everything, forward".
//
//     store.log({.direction = Direction::kBackward, .content = Content::kData, .page_events = 10});
#pragma once

#include <cstdint>
#include <optional>

#include "eventsource/cpp/filter.hpp"
#include "eventsource/cpp/handle.hpp"
#include "eventsource/cpp/result.hpp"
#include "eventsource/limits.h"
#include "eventsource/read.h"

namespace eventsource {

enum class Direction : std::int32_t { kForward = ES_FORWARD, kBackward = ES_BACKWARD };

// What is filled in; may be added together. The columns always are.
enum class Content : std::uint32_t {
  kColumns = ES_CONTENT_COLUMNS,
  kDocument = ES_CONTENT_DOCUMENT,
  kEnvelope = ES_CONTENT_ENVELOPE,
  kData = ES_CONTENT_DATA,
};
[[nodiscard]] constexpr Content operator|(Content a, Content b) noexcept {
  return static_cast<Content>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}

struct Read {
  Direction direction = Direction::kForward;
  Content content = Content::kDocument;

  // The log only: events above `after` (backward: below it; ES_POSITION_END: from the end) up to `through` (0: the end).
  std::optional<std::int64_t> after = {};
  std::int64_t through = 0;
  Filter filter = {};

  // A stream only: its versions, both ends included.
  std::optional<std::int64_t> from_version = {};
  std::optional<std::int64_t> to_version = {};

  // The bounds of one page.
  std::optional<std::int64_t> page_events = {};
  std::optional<std::int64_t> page_bytes = {};
};

namespace detail {

// A Read in C's form.
class ReadHandle {
 public:
  explicit ReadHandle(const Read& read) {
    const FilterHandle filter(read.filter);
    error_ = filter.error();
    check(error_, es_read_new, read_.out());
    check(error_, es_read_set_direction, read_.get(), static_cast<std::int32_t>(read.direction));
    check(error_, es_read_set_content, read_.get(), static_cast<std::uint32_t>(read.content));
    if (read.page_events) check(error_, es_read_set_page_events, read_.get(), *read.page_events);
    if (read.page_bytes) check(error_, es_read_set_page_bytes, read_.get(), *read.page_bytes);
    if (read.after) set_after(*read.after);
    if (read.through != 0) set_through(read.through);
    if (read.from_version || read.to_version)
      set_versions(read.from_version.value_or(1), read.to_version.value_or(ES_MAX_VERSION));
    if (filter.get() != nullptr) check(error_, es_read_set_filter, read_.get(), filter.get());
  }

  void set_after(std::int64_t position) { check(error_, es_read_set_after, read_.get(), position); }
  void set_through(std::int64_t position) { check(error_, es_read_set_through, read_.get(), position); }
  void set_versions(std::int64_t from, std::int64_t to) { check(error_, es_read_set_versions, read_.get(), from, to); }

  // The first error of a setter.
  [[nodiscard]] const Error& error() const noexcept { return error_; }
  [[nodiscard]] const es_read* get() const noexcept { return read_.get(); }

 private:
  Handle<es_read, es_read_close> read_;
  Error error_;
};

}  // namespace detail
}  // namespace eventsource
