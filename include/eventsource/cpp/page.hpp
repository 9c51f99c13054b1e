// A page of events: a random-access range of Event views over one buffer. Immutable, any thread. Copies hold the same
// page, which outlives its store. Iterating copies and allocates nothing.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>

#include "eventsource/cpp/event.hpp"
#include "eventsource/cpp/handle.hpp"
#include "eventsource/cpp/result.hpp"
#include "eventsource/cpp/time.hpp"
#include "eventsource/page.h"

namespace eventsource {

class Page {
 public:
  // Steps by the page's stride, never by the size of a struct.
  class Iterator {
   public:
    using iterator_concept = std::random_access_iterator_tag;
    using iterator_category = std::input_iterator_tag;
    using value_type = Event;
    using reference = Event;
    using difference_type = std::ptrdiff_t;
    class pointer {
     public:
      explicit pointer(Event event) noexcept : event_(event) {}
      const Event* operator->() const noexcept { return &event_; }

     private:
      Event event_;
    };

    Iterator() noexcept = default;
    Iterator(const es_page_header* header, std::ptrdiff_t index) noexcept : header_(header), index_(index) {}

    Event operator*() const noexcept { return at(index_); }
    pointer operator->() const noexcept { return pointer(**this); }
    Event operator[](difference_type n) const noexcept { return at(index_ + n); }

    Iterator& operator+=(difference_type n) noexcept {
      index_ += n;
      return *this;
    }
    Iterator& operator-=(difference_type n) noexcept { return *this += -n; }
    Iterator& operator++() noexcept { return *this += 1; }
    Iterator& operator--() noexcept { return *this -= 1; }
    Iterator operator++(int) noexcept { return std::exchange(*this, *this + 1); }
    Iterator operator--(int) noexcept { return std::exchange(*this, *this - 1); }

    friend Iterator operator+(Iterator i, difference_type n) noexcept { return i += n; }
    friend Iterator operator+(difference_type n, Iterator i) noexcept { return i += n; }
    friend Iterator operator-(Iterator i, difference_type n) noexcept { return i -= n; }
    friend difference_type operator-(Iterator a, Iterator b) noexcept { return a.index_ - b.index_; }
    friend bool operator==(Iterator a, Iterator b) noexcept { return a.index_ == b.index_; }
    friend auto operator<=>(Iterator a, Iterator b) noexcept { return a.index_ <=> b.index_; }

   private:
    [[nodiscard]] Event at(std::ptrdiff_t index) const noexcept {
      const char* records = reinterpret_cast<const char*>(header_) + header_->header_size;
      return {header_, reinterpret_cast<const es_record*>(records + index * std::ptrdiff_t{header_->record_stride})};
    }

    const es_page_header* header_ = nullptr;
    std::ptrdiff_t index_ = 0;
  };

  // No events, and at its end.
  Page() noexcept = default;
  // Takes over `page`.
  explicit Page(es_page* page) noexcept : page_(page), header_(es_page_get_header(page)) {}
  Page(const Page& other) noexcept : Page(es_page_retain(other.page_.get())) {}
  Page(Page&& other) noexcept : page_(std::move(other.page_)), header_(std::exchange(other.header_, nullptr)) {}
  Page& operator=(Page other) noexcept {
    page_ = std::move(other.page_);
    header_ = std::exchange(other.header_, nullptr);
    return *this;
  }
  ~Page() = default;

  // From bytes that were a page once: checked from end to end and copied. ES_INVALID_BUFFER.
  static Result<Page> from_bytes(std::span<const std::byte> bytes) {
    es_page* page = nullptr;
    Error error;
    detail::check(error, es_page_from_bytes, bytes.data(), bytes.size(), &page);
    if (error.code() != ES_OK) return error;
    return Page(page);
  }

  [[nodiscard]] std::size_t size() const noexcept { return header_ == nullptr ? 0 : header_->count; }
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  [[nodiscard]] Iterator begin() const noexcept { return {header_, 0}; }
  [[nodiscard]] Iterator end() const noexcept { return {header_, static_cast<std::ptrdiff_t>(size())}; }
  // Unchecked, as in a vector.
  [[nodiscard]] Event operator[](std::size_t index) const noexcept {
    return begin()[static_cast<std::ptrdiff_t>(index)];
  }
  [[nodiscard]] Event front() const noexcept { return (*this)[0]; }
  [[nodiscard]] Event back() const noexcept { return (*this)[size() - 1]; }

  // Nothing is left in the direction of this read. A page can be empty without it.
  [[nodiscard]] bool is_end() const noexcept { return es_page_is_end(page_.get()) != 0; }
  // Where a read of the log goes on: after this position (page.h); on PostgreSQL only in the same walk (read.h).
  [[nodiscard]] std::int64_t scanned_through() const noexcept {
    return header_ == nullptr ? 0 : header_->scanned_through;
  }
  // No position up to this one can still appear; not so on PostgreSQL (read.h).
  [[nodiscard]] std::int64_t watermark() const noexcept { return header_ == nullptr ? 0 : header_->watermark; }
  [[nodiscard]] Time database_time() const noexcept {
    return time_from_micros(header_ == nullptr ? 0 : header_->database_time);
  }
  // For Call::token: a call that carries it sees what this page saw.
  [[nodiscard]] std::string_view token() const noexcept {
    return header_ == nullptr ? std::string_view() : span(header_->token);
  }

  // The table of names that Event::type_index points into.
  [[nodiscard]] std::uint32_t name_count() const noexcept { return header_ == nullptr ? 0 : header_->name_count; }
  [[nodiscard]] std::string_view name(std::uint32_t index) const noexcept {
    std::size_t length = 0;
    const char* text = es_page_name(page_.get(), index, &length);
    return {text, length};
  }

  // The whole buffer, as long as one of the holders.
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept {
    std::size_t size = 0;
    const void* bytes = es_page_bytes(page_.get(), &size);
    return {static_cast<const std::byte*>(bytes), bytes == nullptr ? 0 : size};
  }

 private:
  [[nodiscard]] std::string_view span(es_span span) const noexcept {
    std::size_t length = 0;
    const char* text = es_page_span(page_.get(), span, &length);
    return {text, length};
  }

  detail::Handle<es_page, es_page_close> page_;
  const es_page_header* header_ = nullptr;
};

}  // namespace eventsource
