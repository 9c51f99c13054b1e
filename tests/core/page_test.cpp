// Pages: what is filled in for what was asked, where they end, and that what is built is valid.
#include "core/event/page.hpp"

#include <gtest/gtest.h>

#include "eventsource/limits.h"

#include "core/event/page_check.hpp"

namespace eventsource::core {
namespace {

constexpr const char* kDocument =
    R"({"event_id":"00000000-0000-0000-0000-0000000000e1","event_type":"Placed","event_version":4,)"
    R"("occurred_at":"1970-01-01T00:00:00.000000Z","aggregate_id":"00000000-0000-0000-0000-0000000000a1",)"
    R"("aggregate_type":"Order","aggregate_version":1,"tenant_id":null,"actor_id":null,)"
    R"("correlation_id":"00000000-0000-0000-0000-0000000000c1","causation_id":null,"metadata":{"m":1},"total":1.10})";

EventRow row_at(std::int64_t position) {
  EventRow row;
  row.position = position;
  row.version = position;
  row.event_id.bytes[15] = static_cast<std::uint8_t>(position);
  row.aggregate_id.bytes[0] = 1;
  row.event_type = "Placed";
  row.aggregate_type = "Order";
  row.document = kDocument;
  return row;
}

PageLimits limits(std::uint32_t content, std::size_t events = 1000, std::size_t bytes = ES_PAGE_BYTES_DEFAULT) {
  return {events, bytes, content};
}

std::string text(const Page& page, es_span span) {
  const auto found = page.text(span);
  return found ? std::string(*found) : "(absent)";
}

std::shared_ptr<const Page> page_of_one(std::uint32_t content) {
  PageBuilder builder(limits(content));
  EXPECT_TRUE(builder.add(row_at(1)));
  return builder.finish({true, 1, 1, 5, "token"});
}

TEST(Page, SaysWhatTheReadSaw) {
  PageBuilder builder(limits(0));
  const auto page = builder.finish({true, 12, 13, 14, "es1.x"});
  const es_page_header& header = page->header();
  EXPECT_EQ(header.magic, ES_PAGE_MAGIC);
  EXPECT_EQ(header.count, 0U);
  EXPECT_EQ(header.flags, ES_PAGE_END);
  EXPECT_EQ(header.scanned_through, 12);
  EXPECT_EQ(header.watermark, 13);
  EXPECT_EQ(header.database_time, 14);
  EXPECT_EQ(text(*page, header.token), "es1.x");
  EXPECT_EQ(page->record(0), nullptr);
  EXPECT_FALSE(page->name(0));
}

TEST(Page, FillsInWhatWasAskedFor) {
  const auto columns = page_of_one(ES_CONTENT_COLUMNS);
  const es_record* record = columns->record(0);
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->event_version, 0);
  EXPECT_EQ(record->presence, ES_HAS_EVENT_ID | ES_HAS_OCCURRED_AT);
  for (const es_span span : {record->actor_id, record->metadata, record->document, record->data}) {
    EXPECT_EQ(span.offset, 0U);
  }

  const auto envelope = page_of_one(ES_CONTENT_ENVELOPE);
  record = envelope->record(0);
  EXPECT_EQ(record->event_version, 4);
  EXPECT_EQ(text(*envelope, record->metadata), R"({"m":1})");
  EXPECT_EQ(record->correlation_id[15], 0xc1);
  EXPECT_EQ(record->presence & (ES_HAS_CORRELATION | ES_HAS_CAUSATION), ES_HAS_CORRELATION);
  EXPECT_EQ(text(*envelope, record->document), "(absent)");

  const auto all = page_of_one(ES_CONTENT_DOCUMENT | ES_CONTENT_ENVELOPE | ES_CONTENT_DATA);
  record = all->record(0);
  EXPECT_EQ(text(*all, record->document), kDocument);
  EXPECT_EQ(text(*all, record->data), R"({"total":1.10})");
  EXPECT_EQ(text(*all, record->metadata), R"({"m":1})");
}

TEST(Page, KeepsAnEmptyActorApartFromNone) {
  PageBuilder builder(limits(0));
  EventRow row = row_at(1);
  row.actor_id = "";
  ASSERT_TRUE(builder.add(row));
  const auto page = builder.finish({});
  EXPECT_EQ(page->record(0)->presence & ES_HAS_ACTOR, ES_HAS_ACTOR);
  EXPECT_EQ(text(*page, page->record(0)->actor_id), "");
}

TEST(Page, FlagsABrokenDocumentAndKeepsTheColumns) {
  PageBuilder builder(limits(ES_CONTENT_ENVELOPE | ES_CONTENT_DATA));
  EventRow row = row_at(1);
  row.document = R"([1])";
  ASSERT_TRUE(builder.add(row));
  ASSERT_TRUE(builder.add(row_at(2)));
  const auto page = builder.finish({});
  EXPECT_EQ(page->record(0)->flags, ES_RECORD_BROKEN_DOCUMENT);
  EXPECT_EQ(page->record(0)->global_position, 1);
  EXPECT_EQ(page->record(0)->data.offset, 0U);
  EXPECT_EQ(page->record(1)->flags, 0U);
}

TEST(Page, GivesEqualNamesOneIndex) {
  PageBuilder builder(limits(0));
  EventRow row = row_at(1);
  ASSERT_TRUE(builder.add(row));
  row.event_type = "Order";
  ASSERT_TRUE(builder.add(row));
  const auto page = builder.finish({});
  EXPECT_EQ(page->header().name_count, 2U);
  EXPECT_EQ(page->record(1)->event_type, page->record(1)->aggregate_type);
  EXPECT_EQ(page->name(page->record(0)->event_type), "Placed");
}

TEST(Page, EndsAtItsCount) {
  PageBuilder builder(limits(0, 2));
  EXPECT_TRUE(builder.add(row_at(1)));
  EXPECT_TRUE(builder.add(row_at(2)));
  EXPECT_FALSE(builder.add(row_at(3)));
  EXPECT_EQ(builder.finish({})->header().count, 2U);
}

TEST(Page, EndsAtItsSizeAndForgetsWhatDidNotFit) {
  constexpr std::size_t kBytes = 4096;
  PageBuilder builder(limits(ES_CONTENT_DOCUMENT | ES_CONTENT_DATA, 1000, kBytes));
  std::int64_t position = 1;
  while (true) {
    EventRow row = row_at(position);
    const std::string type = "Type" + std::to_string(position);
    row.event_type = type;
    if (!builder.add(row)) break;
    ++position;
  }
  const auto page = builder.finish({});
  EXPECT_GT(page->header().count, 2U);
  EXPECT_EQ(page->header().count, static_cast<std::uint32_t>(position - 1));
  EXPECT_LE(page->size(), kBytes);
  EXPECT_FALSE(page->name(page->header().name_count));
  EXPECT_EQ(page->header().name_count, page->header().count + 1) << "the name of the event that did not fit is gone";
}

TEST(Page, DeliversAnEventThatIsLargerThanThePage) {
  PageBuilder builder(limits(ES_CONTENT_DOCUMENT, 1000, ES_PAGE_BYTES_MIN));
  const std::string large = R"({"event_id":1,"x":")" + std::string(100'000, 'x') + "\"}";
  EventRow row = row_at(1);
  row.document = large;
  EXPECT_TRUE(builder.add(row));
  EXPECT_FALSE(builder.add(row_at(2)));
  const auto page = builder.finish({});
  EXPECT_EQ(text(*page, page->record(0)->document), large);
}

TEST(Page, WhatIsBuiltIsValidAndACopyIsEqual) {
  PageBuilder builder(limits(ES_CONTENT_DOCUMENT | ES_CONTENT_ENVELOPE | ES_CONTENT_DATA));
  for (std::int64_t i = 1; i <= 20; ++i) ASSERT_TRUE(builder.add(row_at(i)));
  const auto page = builder.finish({true, 20, 20, 1, "es1.x"});
  const std::span bytes(page->data(), page->size());
  // Also from an address that is not aligned.
  std::vector<std::byte> shifted(bytes.size() + 1);
  std::copy(bytes.begin(), bytes.end(), shifted.begin() + 1);
  const auto copy = copy_page(std::span(shifted).subspan(1));
  ASSERT_TRUE(copy.ok()) << copy.error().message();
  EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), copy.value()->data()));
}

// Its memory is that of a page before, with that page's bytes in it.
TEST(Page, HasNothingOfOneThatWasThereBefore) {
  // Of each size of block, the largest and none.
  for (const std::int64_t count : {900, 60, 300, 600, 80, 1'000, 120, 50, 800}) {
    PageBuilder builder(limits(ES_CONTENT_DOCUMENT | ES_CONTENT_DATA));
    for (std::int64_t position = 1; position <= count; ++position) ASSERT_TRUE(builder.add(row_at(position)));
    const auto page = builder.finish({true, count, count, 5, "token"});
    ASSERT_TRUE(copy_page(std::span(page->data(), page->size())).ok());
    ASSERT_EQ(page->header().count, static_cast<std::uint32_t>(count));
    EXPECT_EQ(page->record(static_cast<std::size_t>(count)), nullptr);
    for (std::int64_t position = 1; position <= count; ++position) {
      const es_record* const record = page->record(static_cast<std::size_t>(position - 1));
      ASSERT_EQ(record->global_position, position);
      ASSERT_EQ(text(*page, record->document), kDocument);
      ASSERT_EQ(text(*page, record->data), R"({"total":1.10})");
    }
  }
}

TEST(Page, CutAtAnyLengthIsRefused) {
  const auto page = page_of_one(ES_CONTENT_DOCUMENT | ES_CONTENT_DATA);
  for (std::size_t size = 0; size < page->size(); ++size) {
    // A copy of exactly this size: reading beyond it is seen by the sanitizer.
    const std::vector<std::byte> cut(page->data(), page->data() + size);
    const auto copy = copy_page(cut);
    ASSERT_FALSE(copy.ok()) << size;
    EXPECT_EQ(copy.error().code(), ES_INVALID_BUFFER);
  }
}

TEST(Page, WhatALaterVersionAddsIsIgnored) {
  const auto page = page_of_one(ES_CONTENT_DOCUMENT);
  std::vector<std::byte> bytes(page->data(), page->data() + page->size());
  es_page_header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  header.flags |= 1U << 30;
  header.reserved1[3] = 9;
  std::memcpy(bytes.data(), &header, sizeof header);
  EXPECT_TRUE(copy_page(bytes).ok());
  header.layout_version = 2;
  std::memcpy(bytes.data(), &header, sizeof header);
  EXPECT_FALSE(copy_page(bytes).ok());
}

}  // namespace
}  // namespace eventsource::core
