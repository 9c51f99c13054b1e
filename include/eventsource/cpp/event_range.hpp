// The events of a stream or of the log, page by page. Made by Store::stream and Store::log; used by one thread.
//
//     for (const Event& event : store.log()) …        // throws Exception when a read fails
//
//     EventRange events = store.log();                 // or pages and errors as values
//     while (!events.done()) {
//       auto page = events.next_page();
//       if (!page) return page.error();
//       for (const Event& event : *page) …
//     }
//
// The walk is finite in a store that grows: when one page does not hold everything, the end of that moment is kept as
// the end of the walk (Read::through and Read::to_version set another). One page is held at a time: an Event is valid
// until the loop moves on, unless page() is kept as well.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "eventsource/cpp/call.hpp"
#include "eventsource/cpp/page.hpp"
#include "eventsource/cpp/read.hpp"
#include "eventsource/cpp/store_handle.hpp"

namespace eventsource {

class EventRange {
 public:
  // The log.
  EventRange(detail::StoreHandle store, const Read& read, const Call& call)
      : store_(std::move(store)), read_(read), call_(call) {
    backward_ = read.direction == Direction::kBackward;
    bounded_ = backward_ || read.through != 0;
    position_ = read.after.value_or(0);
  }

  // A stream.
  EventRange(detail::StoreHandle store, std::string_view aggregate_type, const Uuid& aggregate_id, const Read& read,
             const Call& call)
      : store_(std::move(store)), stream_(Stream{std::string(aggregate_type), aggregate_id}), read_(read), call_(call) {
    backward_ = read.direction == Direction::kBackward;
    bounded_ = backward_ || read.to_version.has_value();
    from_version_ = read.from_version.value_or(1);
    to_version_ = read.to_version.value_or(ES_MAX_VERSION);
  }

  // The next page; an empty one after the end. After an error the walk stands where it stood: ask again, or give up.
  Result<Page> next_page() {
    if (done_) return Page();
    Error error = call_.error();
    if (error.code() == ES_OK) error = read_.error();
    if (error.code() == ES_OK && started_ && !bounded_) error = bound();
    es_page* read = nullptr;
    if (stream_) {
      detail::check(error, es_store_read_stream, store_.get(), stream_->aggregate_type.data(),
                    stream_->aggregate_type.size(), stream_->aggregate_id.data(), read_.get(), call_.get(), &read);
    } else {
      detail::check(error, es_store_read_log, store_.get(), read_.get(), call_.get(), &read);
    }
    if (error.code() != ES_OK) return error;
    Page page(read);
    advance(page);
    return page;
  }

  // No page is left.
  [[nodiscard]] bool done() const noexcept { return done_; }

  // Of the log: how far it was looked at. A later walk goes on after it, but not on PostgreSQL (read.h).
  [[nodiscard]] std::int64_t position() const noexcept { return position_; }

#if EVENTSOURCE_EXCEPTIONS
  class Iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = Event;
    using difference_type = std::ptrdiff_t;

    Iterator() noexcept = default;
    explicit Iterator(EventRange* range) noexcept : range_(range) {}

    Event operator*() const noexcept { return *range_->current_; }
    Page::Iterator::pointer operator->() const noexcept { return Page::Iterator::pointer(**this); }
    Iterator& operator++() {
      ++range_->current_;
      range_->fill();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& i, std::default_sentinel_t) noexcept { return i.at_end(); }

   private:
    [[nodiscard]] bool at_end() const noexcept { return range_->at_end(); }

    EventRange* range_ = nullptr;
  };

  // Goes on where the walk stands: a second loop over the same range sees what the first left.
  [[nodiscard]] Iterator begin() {
    fill();
    return Iterator(this);
  }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  // The page that the loop stands in: a copy keeps its events.
  [[nodiscard]] const Page& page() const noexcept { return page_; }
#endif

 private:
  struct Stream {
    std::string aggregate_type;
    Uuid aggregate_id;
  };

  // Makes the end of this moment the end of the walk.
  Error bound() {
    Error error;
    if (stream_) {
      std::int64_t version = 0;
      detail::check(error, es_store_stream_version, store_.get(), stream_->aggregate_type.data(),
                    stream_->aggregate_type.size(), stream_->aggregate_id.data(), call_.get(), &version);
      to_version_ = std::max(version, from_version_);
      if (error.code() == ES_OK) read_.set_versions(from_version_, to_version_);
    } else {
      std::int64_t head = 0;
      detail::check(error, es_store_head, store_.get(), call_.get(), &head);
      if (error.code() == ES_OK) read_.set_through(std::max(head, position_));
    }
    bounded_ = error.code() == ES_OK;
    return error;
  }

  // Where the next read begins.
  void advance(const Page& page) {
    started_ = true;
    done_ = page.is_end();
    if (!stream_) {
      position_ = page.scanned_through();
      if (!done_) read_.set_after(position_);
      return;
    }
    if (done_ || page.empty()) return;
    if (backward_) {
      to_version_ = page.back().version() - 1;
    } else {
      from_version_ = page.back().version() + 1;
    }
    read_.set_versions(from_version_, to_version_);
  }

#if EVENTSOURCE_EXCEPTIONS
  // Stands on an event, or at the end.
  void fill() {
    while (at_end() && !done_) {
      page_ = next_page().value();
      current_ = page_.begin();
    }
  }
  [[nodiscard]] bool at_end() const noexcept { return current_ == page_.end(); }

  Page page_;
  Page::Iterator current_;
#endif

  detail::StoreHandle store_;
  std::optional<Stream> stream_;
  detail::ReadHandle read_;
  detail::CallHandle call_;
  bool backward_ = false;
  bool bounded_ = false;  // The walk has an end that does not move.
  bool started_ = false;
  bool done_ = false;
  std::int64_t position_ = 0;
  std::int64_t from_version_ = 1;
  std::int64_t to_version_ = ES_MAX_VERSION;
};

}  // namespace eventsource
