#include "core/event/page.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "eventsource/limits.h"

#include "core/base/defect.hpp"
#include "core/event/document.hpp"

namespace eventsource::core {
namespace {

static_assert(sizeof(es_span) == 8);
static_assert(sizeof(es_page_header) == ES_PAGE_HEADER_SIZE);
static_assert(sizeof(es_record) == ES_PAGE_RECORD_STRIDE);

void copy_id(std::uint8_t (&target)[16], const Uuid& id) {
  std::memcpy(target, id.bytes.data(), sizeof target);
}

// While a page is built, spans count from the start of the heap and from 1: offset 0 stays the mark of an absent one.
constexpr std::uint32_t kHeapBase = 1;

constexpr std::size_t kOrdinaryEvents = 1000;
constexpr std::size_t kOrdinaryEventBytes = 640;
constexpr std::size_t kFewEvents = 32;
constexpr std::size_t kFewNames = 16;

// A page of these sizes, as a scan has, is in a block of the next power of two, of which some are kept.
constexpr std::size_t kSmallestBlock = std::size_t{64} << 10U;
constexpr std::size_t kBlockSizes = 5;
constexpr std::size_t kLargestBlock = kSmallestBlock << (kBlockSizes - 1);

// A larger room is not kept.
constexpr std::size_t kLargestRoomBytes = std::size_t{2} << 20U;

constinit std::array<Spare<std::uint64_t[]>, kBlockSizes> spare_blocks;

bool takes_spare(std::size_t size) {
  return kKeepsSpare && size >= kSmallestBlock && size <= kLargestBlock;
}

// The size of a block is kSmallestBlock, so many times doubled.
std::size_t doublings(std::size_t size) {
  return static_cast<std::size_t>(std::bit_width((size - 1) / kSmallestBlock));
}

std::unique_ptr<std::uint64_t[]> block_of(std::size_t size) {
  if (takes_spare(size)) {
    if (auto spare = spare_blocks[doublings(size)].take()) return spare;
    size = kSmallestBlock << doublings(size);
  }
  return std::make_unique_for_overwrite<std::uint64_t[]>((size + 7) / 8);
}

void move_span(es_span& span, std::uint32_t heap_offset) {
  if (span.offset != 0) span.offset = span.offset - kHeapBase + heap_offset;
}

}  // namespace

Page::Page(std::size_t size) : size_(size), words_(block_of(size)) {}

Page::~Page() {
  if (takes_spare(size_)) spare_blocks[doublings(size_)].give(std::move(words_));
}

const es_record* Page::record(std::size_t index) const {
  const es_page_header& head = header();
  if (index >= head.count) return nullptr;
  return reinterpret_cast<const es_record*>(data() + head.header_size + index * head.record_stride);
}

std::optional<std::string_view> Page::name(std::uint32_t index) const {
  const es_page_header& head = header();
  if (index >= head.name_count) return std::nullopt;
  es_span span;
  std::memcpy(&span, data() + head.names_offset + std::size_t{index} * sizeof span, sizeof span);
  return text(span);
}

std::optional<std::string_view> Page::text(es_span span) const {
  if (span.offset == 0 || span.offset > size_ || span.length > size_ - span.offset) return std::nullopt;
  return std::string_view(reinterpret_cast<const char*>(data()) + span.offset, span.length);
}

constinit Spare<PageBuilder::Room> PageBuilder::spare_rooms;

PageBuilder::PageBuilder(PageLimits limits) : limits_(limits) {}

PageBuilder::~PageBuilder() {
  if (room_ == nullptr || heap_.capacity() + records_.capacity() * sizeof(es_record) > kLargestRoomBytes) return;
  clear();
  room_->records.swap(records_);
  room_->heap.swap(heap_);
  spare_rooms.give(std::move(room_));
}

void PageBuilder::make_room() {
  const std::size_t events = std::min(limits_.events, kOrdinaryEvents);
  if (room_ == nullptr) {
    room_ = spare_rooms.take();
    if (room_ == nullptr) room_ = std::make_unique<Room>();
    room_->records.assign(records_.begin(), records_.end());
    room_->heap.assign(heap_);
    records_.swap(room_->records);
    heap_.swap(room_->heap);
  }
  records_.reserve(events);
  heap_.reserve(std::min(limits_.bytes, events * kOrdinaryEventBytes));
}

void PageBuilder::clear() {
  records_.clear();
  heap_.clear();
  drop_names(0);
}

void PageBuilder::drop_names(std::size_t keep) {
  while (names_.size() > keep) {
    name_bytes_ -= names_.back().size();
    name_indexes_.erase(name_indexes_.find(names_.back()));
    names_.pop_back();
  }
}

std::size_t PageBuilder::bytes_with_another_record() const {
  return ES_PAGE_HEADER_SIZE + (records_.size() + 1) * ES_PAGE_RECORD_STRIDE + names_.size() * sizeof(es_span) +
         name_bytes_ + heap_.size() + ES_TOKEN_BYTES_MAX;
}

bool PageBuilder::add(const EventRow& row) {
  if (records_.size() >= limits_.events) return false;
  // No short stream but a scan: growing to a full page step by step would cost it a tenth of its time.
  if (records_.size() == kFewEvents) make_room();
  const std::size_t heap_before = heap_.size();
  const std::size_t names_before = names_.size();

  es_record record{};
  record.global_position = row.position;
  record.version = row.version;
  record.occurred_at = row.occurred_at;
  record.stored_at = row.stored_at;
  copy_id(record.event_id, row.event_id);
  copy_id(record.aggregate_id, row.aggregate_id);
  record.presence = ES_HAS_EVENT_ID | ES_HAS_OCCURRED_AT;
  record.flags = row.flags;
  if (row.tenant_id) {
    copy_id(record.tenant_id, *row.tenant_id);
    record.presence |= ES_HAS_TENANT;
  }
  record.event_type = name_index(row.event_type);
  record.aggregate_type = name_index(row.aggregate_type);
  if (row.actor_id) {
    record.actor_id = put(*row.actor_id);
    record.presence |= ES_HAS_ACTOR;
  }
  if ((limits_.content & ES_CONTENT_DOCUMENT) != 0) record.document = put(row.document);
  if ((limits_.content & ES_CONTENT_ENVELOPE) != 0) put_envelope(record, row.document);
  if ((limits_.content & ES_CONTENT_DATA) != 0) put_data(record, row.document);

  // Measured after the fact: what an event takes is known only once its document was looked through.
  if (!ES_DEFECT(ignore_page_bytes) && !records_.empty() && bytes_with_another_record() > limits_.bytes) {
    heap_.resize(heap_before);
    drop_names(names_before);
    return false;
  }
  records_.push_back(record);
  return true;
}

std::uint32_t PageBuilder::name_index(std::string_view name) {
  // Nearly every page has a handful of names, and looking through them is quicker than a tree.
  for (std::size_t i = 0; i < std::min(names_.size(), kFewNames); ++i) {
    if (names_[i] == name) return static_cast<std::uint32_t>(i);
  }
  if (const auto known = name_indexes_.find(name); known != name_indexes_.end()) return known->second;
  const auto index = static_cast<std::uint32_t>(names_.size());
  names_.push_back(name_indexes_.emplace(name, index).first->first);
  name_bytes_ += name.size();
  return index;
}

es_span PageBuilder::put(std::string_view text) {
  const es_span span{static_cast<std::uint32_t>(heap_.size()) + kHeapBase, static_cast<std::uint32_t>(text.size())};
  heap_.append(text);
  return span;
}

void PageBuilder::put_envelope(es_record& record, std::string_view document) {
  const Envelope envelope = read_envelope(document);
  if (envelope.broken) record.flags |= ES_RECORD_BROKEN_DOCUMENT;
  record.event_version = envelope.event_version;
  if (envelope.correlation_id) {
    copy_id(record.correlation_id, *envelope.correlation_id);
    record.presence |= ES_HAS_CORRELATION;
  }
  if (envelope.causation_id) {
    copy_id(record.causation_id, *envelope.causation_id);
    record.presence |= ES_HAS_CAUSATION;
  }
  if (envelope.metadata.empty()) return;
  if (record.document.offset == 0) {
    record.metadata = put(envelope.metadata);
  } else {
    // The document is on the page: its metadata is a piece of it.
    record.metadata = {record.document.offset + static_cast<std::uint32_t>(envelope.metadata.data() - document.data()),
                       static_cast<std::uint32_t>(envelope.metadata.size())};
  }
}

void PageBuilder::put_data(es_record& record, std::string_view document) {
  const std::size_t start = heap_.size();
  heap_.push_back('{');
  if (!append_members(heap_, document)) {
    heap_.resize(start);
    record.flags |= ES_RECORD_BROKEN_DOCUMENT;
    return;
  }
  heap_.push_back('}');
  record.data = {static_cast<std::uint32_t>(start) + kHeapBase, static_cast<std::uint32_t>(heap_.size() - start)};
}

// Header, records, table of names, texts of the names, heap, token.
std::size_t PageBuilder::lay_out(es_page_header& header) const {
  header.magic = ES_PAGE_MAGIC;
  header.layout_version = ES_PAGE_LAYOUT;
  header.header_size = ES_PAGE_HEADER_SIZE;
  header.record_stride = ES_PAGE_RECORD_STRIDE;
  header.count = static_cast<std::uint32_t>(records_.size());
  header.content = limits_.content;
  header.name_count = static_cast<std::uint32_t>(names_.size());
  header.names_offset = static_cast<std::uint32_t>(ES_PAGE_HEADER_SIZE + records_.size() * ES_PAGE_RECORD_STRIDE);
  return header.names_offset + names_.size() * sizeof(es_span);
}

std::shared_ptr<const Page> PageBuilder::finish(const PageEnd& end) {
  es_page_header header{};
  const std::size_t texts = lay_out(header);
  const std::size_t heap = texts + name_bytes_;
  const std::size_t token = heap + heap_.size();
  header.total_bytes = static_cast<std::uint32_t>(token + end.token.size());
  header.flags = end.is_end || ES_DEFECT(end_too_early) ? ES_PAGE_END : 0;
  header.scanned_through = end.scanned_through;
  header.watermark = end.watermark;
  header.database_time = end.database_time;
  if (!end.token.empty()) {
    header.token = {static_cast<std::uint32_t>(token), static_cast<std::uint32_t>(end.token.size())};
  }

  auto page = std::make_shared<Page>(header.total_bytes);
  std::byte* const base = page->data();
  std::memcpy(base, &header, sizeof header);
  for (es_record& record : records_) {
    for (es_span* span : {&record.actor_id, &record.metadata, &record.document, &record.data}) {
      move_span(*span, static_cast<std::uint32_t>(heap));
    }
  }
  if (!records_.empty()) {
    std::memcpy(base + ES_PAGE_HEADER_SIZE, records_.data(), records_.size() * sizeof(es_record));
  }
  std::size_t text_at = texts;
  std::byte* entry = base + header.names_offset;
  for (const std::string_view name : names_) {
    const es_span span{static_cast<std::uint32_t>(text_at), static_cast<std::uint32_t>(name.size())};
    std::memcpy(entry, &span, sizeof span);
    std::memcpy(base + text_at, name.data(), name.size());
    entry += sizeof span;
    text_at += name.size();
  }
  std::memcpy(base + heap, heap_.data(), heap_.size());
  std::memcpy(base + token, end.token.data(), end.token.size());
  clear();
  return page;
}

}  // namespace eventsource::core
