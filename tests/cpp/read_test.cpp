// Pages and the ranges that walk them.
#include <algorithm>
#include <cstring>
#include <ranges>
#include <string>
#include <vector>

#include "tests/cpp/stores.hpp"

namespace eventsource::test {
namespace {

static_assert(std::ranges::random_access_range<Page>);
static_assert(std::ranges::input_range<EventRange>);

const Uuid kOrder = numbered(1);
const Uuid kBasket = numbered(2);

class CppReadTest : public StoreTest {
 protected:
  // Ten events of two streams: an order has positions 1-3 and 7-10 (versions 1-7), a basket 4-6.
  [[nodiscard]] Store filled() const {
    const Store store = open();
    fill(store, "Order", kOrder, 1, 3);
    fill(store, "Basket", kBasket, 4, 3);
    fill(store, "Order", kOrder, 7, 4);
    return store;
  }
};

template <class Range>
std::vector<std::int64_t> positions(Range&& range) {
  std::vector<std::int64_t> all;
  for (const Event& event : range) all.push_back(event.position());
  return all;
}

template <class Range>
std::vector<std::int64_t> versions(Range&& range) {
  std::vector<std::int64_t> all;
  for (const Event& event : range) all.push_back(event.version());
  return all;
}

std::vector<std::int64_t> sequence(std::int64_t first, std::int64_t last) {
  std::vector<std::int64_t> all;
  const std::int64_t step = first <= last ? 1 : -1;
  for (std::int64_t n = first; n != last + step; n += step) all.push_back(n);
  return all;
}

TEST_P(CppReadTest, ALogIsWalkedInPagesOfEverySize) {
  const Store store = filled();
  for (std::int64_t size = 1; size <= 11; ++size) {
    EXPECT_EQ(positions(store.log({.page_events = size})), sequence(1, 10)) << size;
    EXPECT_EQ(positions(store.log({.direction = Direction::kBackward, .page_events = size})), sequence(10, 1)) << size;
  }
}

TEST_P(CppReadTest, AStreamIsWalkedInPagesOfEverySize) {
  const Store store = filled();
  for (std::int64_t size = 1; size <= 8; ++size) {
    EXPECT_EQ(versions(store.stream("Order", kOrder, {.page_events = size})), sequence(1, 7)) << size;
    EXPECT_EQ(versions(store.stream("Order", kOrder, {.direction = Direction::kBackward, .page_events = size})),
              sequence(7, 1))
        << size;
  }
  EXPECT_EQ(versions(store.stream("Order", numbered(99))), std::vector<std::int64_t>{});
}

TEST_P(CppReadTest, BoundsOfAStreamAreItsVersions) {
  const Store store = filled();
  EXPECT_EQ(versions(store.stream("Order", kOrder, {.from_version = 3, .page_events = 2})), sequence(3, 7));
  EXPECT_EQ(versions(store.stream("Order", kOrder, {.to_version = 5, .page_events = 2})), sequence(1, 5));
  const Read middle{.direction = Direction::kBackward, .from_version = 3, .to_version = 5, .page_events = 2};
  EXPECT_EQ(versions(store.stream("Order", kOrder, middle)), sequence(5, 3));
  EXPECT_EQ(versions(store.stream("Order", kOrder, {.from_version = 8})), std::vector<std::int64_t>{});
}

TEST_P(CppReadTest, BoundsOfTheLogArePositions) {
  const Store store = filled();
  EXPECT_EQ(positions(store.log({.after = 3, .page_events = 2})), sequence(4, 10));
  EXPECT_EQ(positions(store.log({.after = 3, .through = 6, .page_events = 2})), sequence(4, 6));
  EXPECT_EQ(positions(store.log({.direction = Direction::kBackward, .after = 4, .page_events = 2})), sequence(3, 1));
  EXPECT_EQ(positions(store.log({.direction = Direction::kBackward, .after = ES_POSITION_END})), sequence(10, 1));
  EXPECT_EQ(positions(store.log({.after = 10})), std::vector<std::int64_t>{});
  EXPECT_EQ(positions(store.log({.after = 99})), std::vector<std::int64_t>{});
  EXPECT_EQ(positions(store.log({.after = ES_POSITION_END})), std::vector<std::int64_t>{});
}

TEST_P(CppReadTest, AFilterPassesSomeEvents) {
  const Store store = filled();
  const Filter baskets{.aggregate_types = {"Basket"}};
  for (std::int64_t size = 1; size <= 4; ++size) {
    EXPECT_EQ(positions(store.log({.filter = baskets, .page_events = size})), sequence(4, 6));
    EXPECT_EQ(positions(store.log({.direction = Direction::kBackward, .filter = baskets, .page_events = size})),
              sequence(6, 4));
  }
  EXPECT_EQ(store.count(baskets).value(), 3);
  EXPECT_EQ(store.count({.event_types = {"Counted", "Other"}}).value(), 10);
  EXPECT_EQ(store.count({.event_types = {"Other"}}).value(), 0);
  EXPECT_EQ(store.count({.tenant = numbered(5)}).value(), 0);
  EXPECT_EQ(store.count({.occurred_to = parse_time("2000-01-01T00:00:00Z").value()}).value(), 0);
  EXPECT_EQ(store.count({.occurred_from = parse_time("2000-01-01T00:00:00Z").value()}).value(), 10);
  const std::int64_t even = store.count({.partition = {{0, 2}}}).value();
  EXPECT_EQ(even + store.count({.partition = {{1, 2}}}).value(), 10);
  EXPECT_EQ(even, (partition_of(kOrder, 2) == 0 ? 7 : 0) + (partition_of(kBasket, 2) == 0 ? 3 : 0));
}

TEST_P(CppReadTest, BadReadsAreErrorsOfTheRead) {
  const Store store = filled();
  EXPECT_EQ(store.read_log({.page_events = 0}).error().code(), ES_LIMIT_EXCEEDED);
  EXPECT_EQ(store.log({.page_events = 0}).next_page().error().code(), ES_LIMIT_EXCEEDED);
  EXPECT_EQ(store.read_log({.filter = {.event_types = {""}}}).error().code(), ES_INVALID_NAME);
  EXPECT_EQ(store.count({.partition = {{2, 2}}}).error().code(), ES_INVALID_ARGUMENT);
  EXPECT_EQ(store.read_log({.from_version = 1}).error().code(), ES_INVALID_ARGUMENT);
  EXPECT_EQ(store.read_stream("Order", kOrder, {.after = 1}).error().code(), ES_INVALID_ARGUMENT);
  EXPECT_EQ(store.read_stream("", kOrder).error().code(), ES_INVALID_NAME);
  EXPECT_EQ(store.read_stream("Order", kOrder, {.from_version = 3, .to_version = 2}).error().code(),
            ES_INVALID_ARGUMENT);
}

TEST_P(CppReadTest, AWalkEndsInALogThatGrows) {
  const Store store = filled();
  std::vector<std::int64_t> seen;
  for (const Event& event : store.log({.page_events = 4})) {
    seen.push_back(event.position());
    fill(store, "Order", kOrder, 0, 1);
    ASSERT_LT(seen.size(), 100u) << "the walk runs after its own events";
  }
  // What was there at the start is seen; what came while the first page was looked at may be.
  ASSERT_GE(seen.size(), 10u);
  EXPECT_EQ(seen, sequence(1, static_cast<std::int64_t>(seen.size())));
}

TEST_P(CppReadTest, AWalkEndsInAStreamThatGrows) {
  const Store store = filled();
  std::vector<std::int64_t> seen;
  for (const Event& event : store.stream("Order", kOrder, {.page_events = 3})) {
    seen.push_back(event.version());
    fill(store, "Order", kOrder, 0, 1);
    ASSERT_LT(seen.size(), 100u) << "the walk runs after its own events";
  }
  ASSERT_GE(seen.size(), 7u);
  EXPECT_EQ(seen, sequence(1, static_cast<std::int64_t>(seen.size())));
}

TEST_P(CppReadTest, ALaterWalkGoesOnAtThePositionOfTheFirst) {
  const Store store = filled();
  EventRange first = store.log({.filter = {.aggregate_types = {"Basket"}}, .page_events = 2});
  EXPECT_EQ(positions(first), sequence(4, 6));
  EXPECT_EQ(first.position(), 10);
  fill(store, "Basket", kBasket, 0, 2);
  EXPECT_EQ(positions(store.log({.after = first.position()})), sequence(11, 12));
}

TEST_P(CppReadTest, ALoopCanBeLeftAndTakenUpAgain) {
  const Store store = filled();
  EventRange events = store.log({.page_events = 4});
  std::vector<std::int64_t> seen;
  for (const Event& event : events) {
    if (event.position() == 6) break;
    seen.push_back(event.position());
  }
  EXPECT_EQ(seen, sequence(1, 5));
  EXPECT_FALSE(events.done());
  EXPECT_EQ(positions(events), sequence(6, 10));
  EXPECT_TRUE(events.done());
  EXPECT_EQ(positions(events), std::vector<std::int64_t>{});
}

TEST_P(CppReadTest, PagesComeAsValues) {
  const Store store = filled();
  EventRange events = store.log({.page_events = 4});
  std::vector<std::size_t> sizes;
  while (!events.done()) sizes.push_back(events.next_page().value().size());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{4, 4, 2}));
  EXPECT_TRUE(events.next_page().value().empty());
}

TEST_P(CppReadTest, AWalkStopsAtAStoreThatWasShutDown) {
  const Store store = filled();
  EventRange events = store.log({.page_events = 4});
  std::vector<std::int64_t> seen;
  EXPECT_THROW(
      {
        for (const Event& event : events) {
          seen.push_back(event.position());
          if (event.position() == 2) {
            EXPECT_TRUE(store.shutdown());
          }
        }
      },
      Exception);
  // The page at hand is read to its end: it needs no store.
  EXPECT_EQ(seen, sequence(1, 4));
  EXPECT_EQ(events.next_page().error().code(), ES_CLOSED);
}

TEST_P(CppReadTest, AKeptPageKeepsItsEvents) {
  const Store store = filled();
  EventRange events = store.log({.content = Content::kData, .page_events = 4});
  std::vector<Page> pages;
  std::vector<Event> kept;
  for (const Event& event : events) {
    if (pages.empty() || pages.back().bytes().data() != events.page().bytes().data()) pages.push_back(events.page());
    kept.push_back(event);
  }
  EXPECT_EQ(pages.size(), 3u);
  ASSERT_EQ(kept.size(), 10u);
  for (std::size_t i = 0; i < kept.size(); ++i) EXPECT_EQ(kept[i].data(), "{\"n\":" + std::to_string(i + 1) + "}");
}

TEST_P(CppReadTest, AnEventIsFoundByItsId) {
  const Store store = filled();
  const Uuid id = store.read_log({.after = 6}).value().front().id();
  const Page page = store.event(id, Content::kData).value();
  ASSERT_EQ(page.size(), 1u);
  EXPECT_EQ(page[0].position(), 7);
  EXPECT_EQ(page[0].data(), R"({"n":7})");
  EXPECT_EQ(page[0].document(), "");
  const Error error = store.event(numbered(77)).error();
  EXPECT_EQ(error.code(), ES_EVENT_NOT_FOUND);
  EXPECT_EQ(error.detail("event_id"), numbered(77).to_string());
  EXPECT_EQ(store.event(Uuid{}).error().code(), ES_INVALID_ID);
}

TEST_P(CppReadTest, VersionOfAStream) {
  const Store store = filled();
  EXPECT_EQ(store.stream_version("Order", kOrder).value(), 7);
  EXPECT_EQ(store.stream_version("Order", kBasket).value(), 0);
}

TEST_P(CppReadTest, APageIsARangeThatAlgorithmsTake) {
  const Store store = filled();
  const Page page = store.read_log().value();
  EXPECT_TRUE(page.is_end());
  EXPECT_EQ(page.scanned_through(), 10);
  EXPECT_EQ(page.watermark(), 10);
  EXPECT_GE(page.database_time(), page.back().stored_at());
  EXPECT_EQ(store.head({.token = std::string(page.token())}).value(), 10);

  EXPECT_EQ(std::ranges::count_if(page, [](const Event& e) { return e.aggregate_type() == "Basket"; }), 3);
  const auto found = std::ranges::lower_bound(page, 5, {}, [](const Event& e) { return e.position(); });
  ASSERT_NE(found, page.end());
  EXPECT_EQ(found->position(), 5);
  EXPECT_EQ(found - page.begin(), 4);
  EXPECT_EQ((*(page.end() - 1)).position(), 10);
  EXPECT_EQ(page.begin()[2].position(), 3);
  std::vector<std::int64_t> backward;
  for (const Event event : page | std::views::reverse | std::views::take(2)) backward.push_back(event.position());
  EXPECT_EQ(backward, (std::vector<std::int64_t>{10, 9}));
}

TEST_P(CppReadTest, NamesAreToldApartByTheirIndex) {
  const Store store = open();
  Append append;
  append.stream("Order", kOrder, ExpectedVersion::any()).event("A", "{}").event("B", "{}").event("A", "{}");
  ASSERT_TRUE(store.append(append));
  const Page page = store.read_log().value();
  EXPECT_EQ(page[0].type_index(), page[2].type_index());
  EXPECT_NE(page[0].type_index(), page[1].type_index());
  EXPECT_EQ(page.name(page[1].type_index()), "B");
  EXPECT_EQ(page.name_count(), 3u);
  EXPECT_EQ(page.name(page.name_count()), "");
}

TEST_P(CppReadTest, APageGoesThroughBytes) {
  const Store store = filled();
  const Page page = store.read_log({.content = Content::kData}).value();
  const Page copy = Page::from_bytes(page.bytes()).value();
  EXPECT_EQ(positions(copy), positions(page));
  EXPECT_EQ(copy[3].data(), page[3].data());
  EXPECT_EQ(Page::from_bytes(page.bytes().first(100)).error().code(), ES_INVALID_BUFFER);
}

TEST_P(CppReadTest, AViewGoesByTheStrideOfItsPage) {
  // A page of a later version: a longer header and longer records, as page.h allows.
  const Store store = filled();
  const Page page = store.read_log().value();
  constexpr std::size_t kMore = 8;
  std::vector<std::byte> longer;
  const auto append = [&](std::span<const std::byte> bytes) {
    longer.insert(longer.end(), bytes.begin(), bytes.end());
  };
  es_page_header header;
  std::memcpy(&header, page.bytes().data(), sizeof(header));
  const std::size_t added = kMore * (page.size() + 1);
  const auto moved = [&](es_span span) {
    return span.offset == 0 ? span : es_span{span.offset + static_cast<std::uint32_t>(added), span.length};
  };
  header.header_size = static_cast<std::uint16_t>(header.header_size + kMore);
  header.record_stride += kMore;
  header.total_bytes += static_cast<std::uint32_t>(added);
  const std::uint32_t names = header.names_offset;
  header.names_offset += static_cast<std::uint32_t>(added);
  header.token = moved(header.token);
  append(std::as_bytes(std::span(&header, 1)));
  longer.resize(longer.size() + kMore);
  for (const Event& event : page) {
    es_record record = event.record();
    record.document = moved(record.document);
    record.data = moved(record.data);
    record.metadata = moved(record.metadata);
    record.actor_id = moved(record.actor_id);
    append(std::as_bytes(std::span(&record, 1)));
    longer.resize(longer.size() + kMore);
  }
  for (std::uint32_t i = 0; i < header.name_count; ++i) {
    es_span span;
    std::memcpy(&span, page.bytes().data() + names + i * sizeof(span), sizeof(span));
    span = moved(span);
    append(std::as_bytes(std::span(&span, 1)));
  }
  append(page.bytes().subspan(names + header.name_count * sizeof(es_span)));

  const auto parsed = Page::from_bytes(longer);
  ASSERT_TRUE(parsed) << parsed.error().message();
  ASSERT_EQ(parsed->size(), page.size());
  for (std::size_t i = 0; i < page.size(); ++i) {
    EXPECT_EQ((*parsed)[i].position(), page[i].position());
    EXPECT_EQ((*parsed)[i].type(), page[i].type());
    EXPECT_EQ((*parsed)[i].document(), page[i].document());
  }
}

TEST(PageTest, WithoutAHandleIsEmptyAndAtItsEnd) {
  const Page page;
  EXPECT_TRUE(page.empty());
  EXPECT_TRUE(page.is_end());
  EXPECT_EQ(page.begin(), page.end());
  EXPECT_EQ(page.token(), "");
  EXPECT_TRUE(page.bytes().empty());
  const Page copy = page;
  EXPECT_TRUE(copy.empty());
}

EVENTSOURCE_ON_EACH_BACKEND(CppReadTest);

}  // namespace
}  // namespace eventsource::test
