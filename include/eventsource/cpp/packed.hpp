// The writer of a packed append buffer (append.h): for bindings and bulk loads that cross to the library once a batch.
// Used by one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eventsource/append.h"
#include "eventsource/cpp/expected_version.hpp"
#include "eventsource/cpp/result.hpp"
#include "eventsource/cpp/time.hpp"
#include "eventsource/cpp/uuid.hpp"
#include "eventsource/limits.h"
#include "eventsource/page.h"

namespace eventsource {

// One event on its way in. The first five are required; the same expected version in each event of a stream.
struct PackedEvent {
  std::string_view aggregate_type = {};
  Uuid aggregate_id = {};
  ExpectedVersion expected = ExpectedVersion::any();
  std::string_view event_type = {};
  std::string_view data = {};

  std::optional<Uuid> event_id = {};
  std::int32_t event_version = 1;
  std::optional<Time> occurred_at = {};
  std::optional<Uuid> tenant = {};
  std::optional<Uuid> correlation = {};
  std::optional<Uuid> causation = {};
  std::optional<std::string_view> actor = {};
  std::optional<std::string_view> metadata = {};
};

class PackedAppend {
 public:
  void reserve(std::size_t events, std::size_t text_bytes) {
    records_.reserve(events);
    heap_.reserve(text_bytes);
  }

  // Copies what the event holds. Nothing is checked here: that is the append's work.
  void add(const PackedEvent& event) {
    if (error_.code() == ES_OK) error_ = event.expected.error();
    es_record record{};
    record.version = event.expected.value();
    copy(event.aggregate_id, record.aggregate_id);
    record.aggregate_type = name(event.aggregate_type);
    record.event_type = name(event.event_type);
    record.data = text(event.data);
    record.event_version = event.event_version;
    record.presence = optional_id(event.event_id, record.event_id, ES_HAS_EVENT_ID) |
                      optional_id(event.tenant, record.tenant_id, ES_HAS_TENANT) |
                      optional_id(event.correlation, record.correlation_id, ES_HAS_CORRELATION) |
                      optional_id(event.causation, record.causation_id, ES_HAS_CAUSATION);
    if (event.occurred_at) {
      record.occurred_at = to_micros(*event.occurred_at);
      record.presence |= ES_HAS_OCCURRED_AT;
    }
    if (event.actor) {
      record.actor_id = text(*event.actor);
      record.presence |= ES_HAS_ACTOR;
    }
    if (event.metadata) record.metadata = text(*event.metadata);
    records_.push_back(record);
  }

  // OnDuplicate::kSkip for the whole append.
  void skip_duplicates(bool on) noexcept { skip_duplicates_ = on; }

  [[nodiscard]] std::size_t size() const noexcept { return records_.size(); }

  // For the next batch; memory is kept.
  void clear() noexcept {
    records_.clear();
    heap_.clear();
    names_.clear();
    name_spans_.clear();
    skip_duplicates_ = false;
    error_ = Error();
  }

  // The finished buffer, valid until the writer is changed. ES_LIMIT_EXCEEDED above ES_BUFFER_BYTES_MAX, ES_INVALID_ARGUMENT
  // where a version was negative.
  Result<std::span<const std::byte>> bytes() {
    if (error_.code() != ES_OK) return error_;
    const std::size_t names_at = sizeof(es_page_header) + records_.size() * sizeof(es_record);
    const std::size_t heap_at = names_at + name_spans_.size() * sizeof(es_span);
    const std::size_t total = heap_at + heap_.size();
    if (total > ES_BUFFER_BYTES_MAX) {
      return Error(ES_LIMIT_EXCEEDED,
                   "The packed append is larger than ES_BUFFER_BYTES_MAX. Append fewer events at once.");
    }

    buffer_.resize(total);
    es_page_header header{};
    header.magic = ES_PACK_MAGIC;
    header.layout_version = ES_PAGE_LAYOUT;
    header.header_size = sizeof(es_page_header);
    header.record_stride = sizeof(es_record);
    header.count = static_cast<std::uint32_t>(records_.size());
    header.flags = skip_duplicates_ ? ES_PACK_SKIP_DUPLICATES : 0;
    header.total_bytes = static_cast<std::uint32_t>(total);
    header.name_count = static_cast<std::uint32_t>(name_spans_.size());
    header.names_offset = static_cast<std::uint32_t>(names_at);
    std::memcpy(buffer_.data(), &header, sizeof(header));

    const auto heap = static_cast<std::uint32_t>(heap_at);
    std::byte* at = buffer_.data() + sizeof(header);
    for (es_record record : records_) {
      record.data = placed(record.data, heap);
      record.actor_id = placed(record.actor_id, heap);
      record.metadata = placed(record.metadata, heap);
      std::memcpy(at, &record, sizeof(record));
      at += sizeof(record);
    }
    for (es_span span : name_spans_) {
      span = placed(span, heap);
      std::memcpy(at, &span, sizeof(span));
      at += sizeof(span);
    }
    if (!heap_.empty()) std::memcpy(at, heap_.data(), heap_.size());
    return std::span<const std::byte>(buffer_);
  }

 private:
  static void copy(const Uuid& id, std::uint8_t (&bytes)[16]) noexcept { std::memcpy(bytes, id.data(), sizeof(bytes)); }

  static std::uint32_t optional_id(const std::optional<Uuid>& id, std::uint8_t (&bytes)[16],
                                   std::uint32_t bit) noexcept {
    if (!id) return 0;
    copy(*id, bytes);
    return bit;
  }

  // Until bytes() knows where the heap begins, spans count from it, 1 for its first byte: 0 stays "absent". Offsets that
  // do not fit are caught there, too.
  es_span text(std::string_view text) {
    const es_span span{static_cast<std::uint32_t>(heap_.size() + 1), static_cast<std::uint32_t>(text.size())};
    heap_.append(text);
    return span;
  }

  static es_span placed(es_span span, std::uint32_t heap) noexcept {
    return span.offset == 0 ? span : es_span{span.offset - 1 + heap, span.length};
  }

  std::uint32_t name(std::string_view name) {
    const auto known = names_.find(name);
    if (known != names_.end()) return known->second;
    const auto index = static_cast<std::uint32_t>(name_spans_.size());
    name_spans_.push_back(text(name));
    names_.emplace(name, index);
    return index;
  }

  std::vector<es_record> records_;
  std::string heap_;
  std::map<std::string, std::uint32_t, std::less<>> names_;
  std::vector<es_span> name_spans_;
  bool skip_duplicates_ = false;
  Error error_;
  std::vector<std::byte> buffer_;
};

static_assert(sizeof(es_page_header) == ES_PAGE_HEADER_SIZE && sizeof(es_record) == ES_PAGE_RECORD_STRIDE);

}  // namespace eventsource
