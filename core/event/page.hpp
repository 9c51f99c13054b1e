// A page in memory, and the builder that fills one (page.h has the layout).
// A Page is immutable and shared by any number of threads; a builder belongs to one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eventsource/page.h"

#include "core/base/spare.hpp"
#include "core/base/uuid.hpp"

namespace eventsource::core {

// The bytes of a finished page: 8-byte aligned, owned.
class Page {
 public:
  explicit Page(std::size_t size);
  ~Page();
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;

  [[nodiscard]] std::byte* data() { return reinterpret_cast<std::byte*>(words_.get()); }
  [[nodiscard]] const std::byte* data() const { return reinterpret_cast<const std::byte*>(words_.get()); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const es_page_header& header() const { return *reinterpret_cast<const es_page_header*>(data()); }
  [[nodiscard]] const es_record* record(std::size_t index) const;  // nullptr past the end
  [[nodiscard]] std::optional<std::string_view> name(std::uint32_t index) const;
  [[nodiscard]] std::optional<std::string_view> text(es_span span) const;  // nothing: absent or out of the page

 private:
  std::size_t size_;
  std::unique_ptr<std::uint64_t[]> words_;
};

// A stored event as a backend hands it to the builder. Borrows its texts until the call returns.
struct EventRow {
  std::int64_t position = 0;
  std::int64_t version = 0;
  std::int64_t occurred_at = 0;
  std::int64_t stored_at = 0;
  Uuid event_id;
  Uuid aggregate_id;
  std::optional<Uuid> tenant_id;
  std::string_view event_type;
  std::string_view aggregate_type;
  std::optional<std::string_view> actor_id;
  std::string_view document;
  std::uint32_t flags = 0;  // ES_RECORD_*
};

// What ends a page, and what is filled in.
struct PageLimits {
  std::size_t events = 0;
  std::size_t bytes = 0;
  std::uint32_t content = ES_CONTENT_COLUMNS;
};

// What a page says of the read that made it.
struct PageEnd {
  bool is_end = false;
  std::int64_t scanned_through = 0;
  std::int64_t watermark = 0;
  std::int64_t database_time = 0;
  std::string token;  // empty: none
};

class PageBuilder {
 public:
  explicit PageBuilder(PageLimits limits);
  ~PageBuilder();
  PageBuilder(const PageBuilder&) = delete;
  PageBuilder& operator=(const PageBuilder&) = delete;

  [[nodiscard]] std::size_t count() const { return records_.size(); }
  // The most events that it takes, however small they are.
  [[nodiscard]] std::size_t most_events() const { return limits_.events; }

  // Adds an event, or returns false and leaves the page as it is: it is full. The first event always fits.
  [[nodiscard]] bool add(const EventRow& row);

  // Forgets every event, for a read that starts again.
  void clear();

  // The page. The builder is empty afterwards.
  [[nodiscard]] std::shared_ptr<const Page> finish(const PageEnd& end);

 private:
  // Spans are kept relative to the heap until the page's layout is known.
  [[nodiscard]] std::uint32_t name_index(std::string_view name);
  void drop_names(std::size_t keep);
  // Once it shows that the page is no small one.
  void make_room();
  [[nodiscard]] es_span put(std::string_view text);
  void put_envelope(es_record& record, std::string_view document);
  void put_data(es_record& record, std::string_view document);
  [[nodiscard]] std::size_t bytes_with_another_record() const;
  [[nodiscard]] std::size_t lay_out(es_page_header& header) const;

  // What many events are gathered in.
  struct Room {
    std::vector<es_record> records;
    std::string heap;
  };
  static Spare<Room> spare_rooms;

  PageLimits limits_;
  std::vector<es_record> records_;
  std::string heap_;
  std::unique_ptr<Room> room_;           // to be given back; its parts are the two above
  std::vector<std::string_view> names_;  // by index; keys of name_indexes_
  std::map<std::string, std::uint32_t, std::less<>> name_indexes_;
  std::size_t name_bytes_ = 0;
};

}  // namespace eventsource::core
