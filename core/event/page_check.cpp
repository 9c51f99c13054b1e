#include "core/event/page_check.hpp"

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "eventsource/limits.h"

#include "core/base/defect.hpp"

namespace eventsource::core {
namespace {

constexpr std::uint32_t kPresence =
    ES_HAS_TENANT | ES_HAS_CORRELATION | ES_HAS_CAUSATION | ES_HAS_ACTOR | ES_HAS_EVENT_ID | ES_HAS_OCCURRED_AT;

// A buffer whose header was looked at: where things lie, and what is wrong with it.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  // The header, checked so far that records and names lie inside the buffer and after one another.
  Status read_header(std::uint32_t magic);

  [[nodiscard]] const es_page_header& header() const { return header_; }
  [[nodiscard]] es_record record(std::size_t index) const;
  [[nodiscard]] std::size_t record_offset(std::size_t index) const {
    return header_.header_size + index * header_.record_stride;
  }
  [[nodiscard]] std::string_view name(std::uint32_t index) const { return text(name_span(index)); }
  [[nodiscard]] std::string_view text(es_span span) const {
    return {reinterpret_cast<const char*>(bytes_.data()) + span.offset, span.length};
  }
  // Whether a span lies behind the table of names.
  [[nodiscard]] bool in_heap(es_span span) const {
    return (span.offset >= heap_ || ES_DEFECT(spans_over_names)) && span.offset <= bytes_.size() &&
           span.length <= bytes_.size() - span.offset;
  }
  [[nodiscard]] bool absent_or_in_heap(es_span span) const {
    return span.offset == 0 ? span.length == 0 : in_heap(span);
  }

  // Fields that a later layout may use, and the bytes by which a record or header is longer than we know.
  [[nodiscard]] bool extra_is_zero(std::size_t offset, std::size_t known, std::size_t size) const;

 private:
  [[nodiscard]] es_span name_span(std::uint32_t index) const;

  std::span<const std::byte> bytes_;
  es_page_header header_{};
  std::size_t heap_ = 0;
};

Error invalid(const std::string& what, std::size_t offset) {
  return Error(ES_INVALID_BUFFER, "the buffer is not valid at byte " + std::to_string(offset) + ": " + what)
      .detail("offset", static_cast<std::int64_t>(offset));
}

Error invalid_record(const std::string& what, std::size_t index, std::size_t offset) {
  return Error(ES_INVALID_BUFFER, "record " + std::to_string(index) + " of the buffer (byte " + std::to_string(offset) +
                                      ") is not valid: " + what)
      .detail("offset", static_cast<std::int64_t>(offset))
      .detail("event_index", static_cast<std::int64_t>(index));
}

bool all_zero(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

template <std::size_t N>
bool all_zero(const std::uint8_t (&bytes)[N]) {
  return std::all_of(bytes, bytes + N, [](std::uint8_t b) { return b == 0; });
}

bool Reader::extra_is_zero(std::size_t offset, std::size_t known, std::size_t size) const {
  return size <= known || all_zero(bytes_.subspan(offset + known, size - known));
}

es_span Reader::name_span(std::uint32_t index) const {
  es_span span;
  std::memcpy(&span, bytes_.data() + header_.names_offset + std::size_t{index} * sizeof span, sizeof span);
  return span;
}

es_record Reader::record(std::size_t index) const {
  es_record record;
  std::memcpy(&record, bytes_.data() + record_offset(index), sizeof record);
  return record;
}

Status Reader::read_header(std::uint32_t magic) {
  if (bytes_.size() < sizeof header_) return invalid("it is shorter than a header", bytes_.size());
  if (bytes_.size() > ES_BUFFER_BYTES_MAX) return invalid("it is larger than 2 GiB", ES_BUFFER_BYTES_MAX);
  std::memcpy(&header_, bytes_.data(), sizeof header_);
  if (header_.magic != magic) return invalid("it does not start with the magic number", 0);
  if (header_.layout_version != ES_PAGE_LAYOUT) return invalid("its layout is not known to this version", 4);
  if (header_.header_size < sizeof header_ || header_.header_size % 8 != 0) return invalid("header_size is wrong", 6);
  if (header_.record_stride < sizeof(es_record) || header_.record_stride % 8 != 0) {
    return invalid("record_stride is wrong", 8);
  }
  if (header_.total_bytes != bytes_.size()) return invalid("total_bytes is not the size of the buffer", 24);
  // 64-bit sums: neither product can overflow.
  const std::uint64_t records_end = header_.header_size + std::uint64_t{header_.count} * header_.record_stride;
  if (records_end > bytes_.size()) return invalid("its records go beyond its end", 12);
  if (header_.names_offset < records_end || header_.names_offset % 8 != 0) return invalid("names_offset is wrong", 32);
  const std::uint64_t names_end = header_.names_offset + std::uint64_t{header_.name_count} * sizeof(es_span);
  if (names_end > bytes_.size()) return invalid("its names go beyond its end", 28);
  heap_ = static_cast<std::size_t>(names_end);
  for (std::uint32_t i = 0; i < header_.name_count; ++i) {
    if (!in_heap(name_span(i))) {
      return invalid("name " + std::to_string(i) + " lies outside of the buffer", header_.names_offset + i * 8U);
    }
  }
  return {};
}

// What holds for a record of a page and of a packed append alike.
Status check_record(const Reader& reader, const es_record& record, std::size_t index) {
  const std::size_t offset = reader.record_offset(index);
  const es_page_header& header = reader.header();
  if (record.event_type >= header.name_count || record.aggregate_type >= header.name_count) {
    return invalid_record("an index of a name is beyond the table of names", index, offset);
  }
  for (const es_span span : {record.actor_id, record.metadata, record.document, record.data}) {
    if (!reader.absent_or_in_heap(span)) return invalid_record("a span lies outside of the buffer", index, offset);
  }
  const bool has_actor = (record.presence & ES_HAS_ACTOR) != 0;
  if (has_actor != (record.actor_id.offset != 0)) {
    return invalid_record("the actor's presence bit and span disagree", index, offset);
  }
  const auto id_fits = [&](std::uint32_t bit, const std::uint8_t(&id)[16]) {
    return (record.presence & bit) != 0 || all_zero(id);
  };
  if (!id_fits(ES_HAS_TENANT, record.tenant_id) || !id_fits(ES_HAS_CORRELATION, record.correlation_id) ||
      !id_fits(ES_HAS_CAUSATION, record.causation_id) || !id_fits(ES_HAS_EVENT_ID, record.event_id)) {
    return invalid_record("an absent id is not zero", index, offset);
  }
  return {};
}

Status check_page_record(const es_record& record, std::size_t index, std::size_t offset) {
  const std::uint32_t always = ES_HAS_EVENT_ID | ES_HAS_OCCURRED_AT;
  if ((record.presence & always) != always) return invalid_record("a page's event has an id and a time", index, offset);
  if (record.global_position < 0 || record.version < 0)
    return invalid_record("a negative position or version", index, offset);
  return {};
}

// What a later version may add is ignored in a page, but a packed append that says more than we understand is refused.
Status check_packed_record(const Reader& reader, const es_record& record, std::size_t index) {
  const std::size_t offset = reader.record_offset(index);
  if ((record.presence & ~kPresence) != 0) return invalid_record("unknown presence bits", index, offset);
  if (!all_zero(record.reserved) || !reader.extra_is_zero(offset, sizeof(es_record), reader.header().record_stride)) {
    return invalid_record("reserved bytes are not zero", index, offset);
  }
  if (record.global_position != 0 || record.stored_at != 0 || record.flags != 0 || record.attempt != 0 ||
      record.document.offset != 0) {
    return invalid_record("global_position, stored_at, flags, attempt and document are not the caller's to fill", index,
                          offset);
  }
  if ((record.presence & ES_HAS_OCCURRED_AT) == 0 && record.occurred_at != 0) {
    return invalid_record("an absent occurred_at is not zero", index, offset);
  }
  if (record.data.offset == 0) return invalid_record("it has no data", index, offset);
  return {};
}

Uuid id_of(const std::uint8_t (&bytes)[16]) {
  Uuid id;
  std::memcpy(id.bytes.data(), bytes, sizeof bytes);
  return id;
}

// Turns records into an AppendInput, each stream once. What the fields mean is checked by prepare(), in the promised order.
class Unpacker {
 public:
  explicit Unpacker(const Reader& reader) : reader_(reader) {
    input_.skip_duplicates = (reader.header().flags & ES_PACK_SKIP_DUPLICATES) != 0;
    input_.events.reserve(reader.header().count);
  }

  void add(const es_record& record) {
    EventInput event;
    event.stream = stream_index(record);
    event.expected_version = record.version;
    event.event_version = record.event_version == 0 ? 1 : record.event_version;
    event.event_type = reader_.name(record.event_type);
    event.data = reader_.text(record.data);
    if (record.metadata.offset != 0) event.metadata = reader_.text(record.metadata);
    const auto has = [&](std::uint32_t bit) { return (record.presence & bit) != 0; };
    if (has(ES_HAS_EVENT_ID)) event.event_id = id_of(record.event_id);
    if (has(ES_HAS_OCCURRED_AT)) event.occurred_at = record.occurred_at;
    if (has(ES_HAS_TENANT)) event.tenant_id = id_of(record.tenant_id);
    if (has(ES_HAS_CORRELATION)) event.correlation_id = id_of(record.correlation_id);
    if (has(ES_HAS_CAUSATION)) event.causation_id = id_of(record.causation_id);
    if (has(ES_HAS_ACTOR)) event.actor_id = reader_.text(record.actor_id);
    input_.events.push_back(event);
  }

  AppendInput take() { return std::move(input_); }

 private:
  std::uint32_t stream_index(const es_record& record) {
    const StreamName name{reader_.name(record.aggregate_type), id_of(record.aggregate_id)};
    const auto [known, added] = indexes_.try_emplace(name, static_cast<std::uint32_t>(input_.streams.size()));
    if (added) input_.streams.push_back({name, record.version});
    return known->second;
  }

  const Reader& reader_;
  AppendInput input_;
  std::unordered_map<StreamName, std::uint32_t, StreamNameHash> indexes_;
};

}  // namespace

Result<std::shared_ptr<const Page>> copy_page(std::span<const std::byte> bytes) {
  Reader reader(bytes);
  RETURN_IF_ERROR(reader.read_header(ES_PAGE_MAGIC));
  const es_page_header& header = reader.header();
  if (!reader.absent_or_in_heap(header.token)) return invalid("the token lies outside of the buffer", 64);
  if (header.token.length > ES_TOKEN_BYTES_MAX) return invalid("the token is too long", 68);
  for (std::size_t i = 0; i < header.count; ++i) {
    const es_record record = reader.record(i);
    RETURN_IF_ERROR(check_record(reader, record, i));
    RETURN_IF_ERROR(check_page_record(record, i, reader.record_offset(i)));
  }
  auto page = std::make_shared<Page>(bytes.size());
  std::memcpy(page->data(), bytes.data(), bytes.size());
  return std::shared_ptr<const Page>(std::move(page));
}

Result<AppendInput> read_packed(std::span<const std::byte> bytes) {
  Reader reader(bytes);
  RETURN_IF_ERROR(reader.read_header(ES_PACK_MAGIC));
  const es_page_header& header = reader.header();
  if ((header.flags & ~ES_PACK_SKIP_DUPLICATES) != 0) return invalid("unknown flags", 16);
  if (header.reserved0 != 0 || !all_zero(header.reserved1) ||
      !reader.extra_is_zero(0, sizeof header, header.header_size)) {
    return invalid("reserved bytes of the header are not zero", 36);
  }
  if (header.content != 0) return invalid("content is not the caller's to fill", 20);
  if (header.scanned_through != 0 || header.watermark != 0 || header.database_time != 0 || header.token.offset != 0 ||
      header.token.length != 0) {
    return invalid("scanned_through, watermark, database_time and token are not the caller's to fill", 40);
  }
  Unpacker unpacker(reader);
  for (std::size_t i = 0; i < header.count; ++i) {
    const es_record record = reader.record(i);
    RETURN_IF_ERROR(check_record(reader, record, i));
    RETURN_IF_ERROR(check_packed_record(reader, record, i));
    unpacker.add(record);
  }
  return unpacker.take();
}

}  // namespace eventsource::core
