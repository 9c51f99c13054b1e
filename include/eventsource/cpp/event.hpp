// One event of a page, in place. A view of two pointers: any thread, valid as long as a holder of its page.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "eventsource/cpp/time.hpp"
#include "eventsource/cpp/uuid.hpp"
#include "eventsource/page.h"

namespace eventsource {

class Event {
 public:
  Event(const es_page_header* header, const es_record* record) noexcept : header_(header), record_(record) {}

  [[nodiscard]] std::string_view type() const noexcept { return name(record_->event_type); }
  [[nodiscard]] std::string_view aggregate_type() const noexcept { return name(record_->aggregate_type); }
  // The index of the type among the page's names (Page::name): to look a handler up once a type, not once an event.
  [[nodiscard]] std::uint32_t type_index() const noexcept { return record_->event_type; }

  [[nodiscard]] const Uuid& id() const noexcept { return uuid(record_->event_id); }
  [[nodiscard]] const Uuid& aggregate_id() const noexcept { return uuid(record_->aggregate_id); }
  [[nodiscard]] std::int64_t position() const noexcept { return record_->global_position; }
  [[nodiscard]] std::int64_t version() const noexcept { return record_->version; }
  [[nodiscard]] Time occurred_at() const noexcept { return time_from_micros(record_->occurred_at); }
  [[nodiscard]] Time stored_at() const noexcept { return time_from_micros(record_->stored_at); }

  // NULL where it is absent. Correlation and causation need Content::kEnvelope.
  [[nodiscard]] const Uuid* tenant_id() const noexcept { return present(ES_HAS_TENANT, record_->tenant_id); }
  [[nodiscard]] const Uuid* correlation_id() const noexcept {
    return present(ES_HAS_CORRELATION, record_->correlation_id);
  }
  [[nodiscard]] const Uuid* causation_id() const noexcept { return present(ES_HAS_CAUSATION, record_->causation_id); }

  // Nothing where it is absent; an actor may be an empty text.
  [[nodiscard]] std::optional<std::string_view> actor() const noexcept {
    if ((record_->presence & ES_HAS_ACTOR) == 0) return std::nullopt;
    return text(record_->actor_id);
  }

  // Empty unless the read asked for it: Content::kDocument, kData, kEnvelope; event_version is 0 then.
  [[nodiscard]] std::string_view document() const noexcept { return text(record_->document); }
  [[nodiscard]] std::string_view data() const noexcept { return text(record_->data); }
  [[nodiscard]] std::string_view metadata() const noexcept { return text(record_->metadata); }
  [[nodiscard]] std::int32_t event_version() const noexcept { return record_->event_version; }

  // ES_RECORD_*.
  [[nodiscard]] std::uint32_t flags() const noexcept { return record_->flags; }
  [[nodiscard]] const es_record& record() const noexcept { return *record_; }

 private:
  [[nodiscard]] const char* base() const noexcept { return reinterpret_cast<const char*>(header_); }

  // Spans and indexes were checked when the page was made.
  [[nodiscard]] std::string_view text(es_span span) const noexcept {
    return span.offset == 0 ? std::string_view() : std::string_view(base() + span.offset, span.length);
  }
  [[nodiscard]] std::string_view name(std::uint32_t index) const noexcept {
    return text(reinterpret_cast<const es_span*>(base() + header_->names_offset)[index]);
  }
  [[nodiscard]] static const Uuid& uuid(const std::uint8_t (&bytes)[16]) noexcept {
    return *reinterpret_cast<const Uuid*>(bytes);
  }
  [[nodiscard]] const Uuid* present(std::uint32_t bit, const std::uint8_t (&bytes)[16]) const noexcept {
    return (record_->presence & bit) != 0 ? &uuid(bytes) : nullptr;
  }

  const es_page_header* header_;
  const es_record* record_;
};

}  // namespace eventsource
