// The builder, what an append gives back, and the packed buffer beside it.
#include <string>
#include <utility>
#include <vector>

#include "tests/cpp/stores.hpp"

namespace eventsource::test {
namespace {

const Uuid kOrder = numbered(1);
const Uuid kBasket = numbered(2);

using CppAppendTest = StoreTest;

TEST_P(CppAppendTest, WritesWhatTheBuilderWasTold) {
  const Store store = open();
  const Time time = parse_time("2013-02-08T09:53:00Z").value();
  Append append;
  append.stream("Order", kOrder, ExpectedVersion::no_stream())
      .event("OrderPlaced", R"({"total": 1.10})")
      .event_id(numbered(11))
      .event_version(3)
      .occurred_at(time)
      .tenant(numbered(12))
      .correlation(numbered(13))
      .causation(numbered(14))
      .actor("ann")
      .metadata(R"({"ip":"::1"})")
      .event("OrderPaid", "{}")
      .tenant(numbered(12));
  ASSERT_TRUE(append.ok()) << append.error().message();
  EXPECT_EQ(append.size(), 2u);
  EXPECT_EQ(append.id(0), numbered(11));
  const Uuid drawn = append.id(1);
  const auto result = store.append(append);
  ASSERT_TRUE(result) << result.error().message();

  const Page page = store.read_log({.content = Content::kDocument | Content::kEnvelope | Content::kData}).value();
  ASSERT_EQ(page.size(), 2u);
  const Event first = page[0];
  EXPECT_EQ(first.type(), "OrderPlaced");
  EXPECT_EQ(first.aggregate_type(), "Order");
  EXPECT_EQ(first.aggregate_id(), kOrder);
  EXPECT_EQ(first.id(), numbered(11));
  EXPECT_EQ(first.position(), 1);
  EXPECT_EQ(first.version(), 1);
  EXPECT_EQ(first.event_version(), 3);
  EXPECT_EQ(first.occurred_at(), time);
  EXPECT_GT(first.stored_at(), time);
  EXPECT_EQ(*first.tenant_id(), numbered(12));
  EXPECT_EQ(*first.correlation_id(), numbered(13));
  EXPECT_EQ(*first.causation_id(), numbered(14));
  EXPECT_EQ(first.actor(), "ann");
  EXPECT_EQ(first.metadata(), R"({"ip":"::1"})");
  EXPECT_EQ(first.data(), R"({"total": 1.10})");
  EXPECT_TRUE(first.document().starts_with("{\"event_id\""));
  EXPECT_EQ(first.flags(), 0u);

  const Event second = page.back();
  EXPECT_EQ(second.id(), drawn);
  EXPECT_EQ(second.event_version(), 1);
  EXPECT_EQ(*second.correlation_id(), drawn);
  EXPECT_EQ(second.causation_id(), nullptr);
  EXPECT_EQ(second.actor(), std::nullopt);
  EXPECT_EQ(second.metadata(), "{}");
  EXPECT_EQ(second.data(), "{}");
}

TEST_P(CppAppendTest, GivesPositionsVersionsAndStreams) {
  const Store store = open();
  fill(store, "Order", kOrder, 1, 2);
  Append append;
  append.stream("Basket", kBasket, ExpectedVersion::no_stream()).event("A", "{}");
  append.stream("Order", kOrder, ExpectedVersion::exact(2)).event("B", "{}");
  append.stream("Basket", kBasket, ExpectedVersion::no_stream()).event("C", "{}");
  const AppendResult result = store.append(append).value();
  EXPECT_EQ(result.size(), 3u);
  EXPECT_EQ(result.known_count(), 0u);
  EXPECT_EQ(result.first_position(), 3);
  EXPECT_EQ(result.last_position(), 5);
  EXPECT_EQ(std::vector(result.positions().begin(), result.positions().end()), (std::vector<std::int64_t>{3, 4, 5}));
  EXPECT_EQ(std::vector(result.versions().begin(), result.versions().end()), (std::vector<std::int64_t>{1, 3, 2}));
  EXPECT_EQ(std::vector(result.known().begin(), result.known().end()), (std::vector<std::uint8_t>{0, 0, 0}));
  EXPECT_EQ(std::vector(result.stream_versions().begin(), result.stream_versions().end()),
            (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(std::vector(result.event_streams().begin(), result.event_streams().end()),
            (std::vector<std::int32_t>{0, 1, 0}));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(result.event_ids()[i], append.id(i));
  EXPECT_NE(result.token(), "");
}

TEST_P(CppAppendTest, AgainGivesTheFirstResult) {
  const Store store = open();
  Append append;
  append.stream("Order", kOrder, ExpectedVersion::no_stream()).event("A", "{}").event("B", "{}");
  const AppendResult first = store.append(append).value();
  const AppendResult again = store.append(append).value();
  EXPECT_EQ(again.known_count(), 2u);
  EXPECT_EQ(again.last_position(), first.last_position());
  EXPECT_EQ(store.count().value(), 2);
}

TEST_P(CppAppendTest, SkipsKnownEventsWhenTold) {
  const Store store = open();
  Append append;
  append.stream("Order", kOrder, ExpectedVersion::any()).event("A", "{}").event_id(numbered(11));
  ASSERT_TRUE(store.append(append));
  append.event("B", "{}");
  EXPECT_EQ(store.append(append).error().code(), ES_DUPLICATE_EVENT);
  append.on_duplicate(OnDuplicate::kSkip);
  const AppendResult result = store.append(append).value();
  EXPECT_EQ(result.known_count(), 1u);
  EXPECT_EQ(result.known()[0], 1);
  EXPECT_EQ(result.known()[1], 0);
}

TEST_P(CppAppendTest, AConflictSaysBothVersions) {
  const Store store = open();
  fill(store, "Order", kOrder, 1, 2);
  Append append;
  append.stream("Order", kOrder, ExpectedVersion::exact(1)).event("A", "{}");
  const auto result = store.append(append);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ES_VERSION_CONFLICT);
  EXPECT_EQ(result.error().detail("expected_version"), "1");
  EXPECT_EQ(result.error().detail("actual_version"), "2");
  EXPECT_EQ(result.error().detail("aggregate_id"), kOrder.to_string());
  EXPECT_FALSE(result.error().retryable());
  EXPECT_EQ(store.count().value(), 2);
}

// A variable that was never set is -1 more often than not, and must not switch the check off.
TEST_P(CppAppendTest, ANegativeExactVersionIsRefused) {
  const Store store = open();
  fill(store, "Order", kOrder, 1, 2);
  for (const std::int64_t version : {std::int64_t{-1}, std::int64_t{-2}, std::int64_t{-7}, INT64_MIN}) {
    Append append;
    append.stream("Order", kOrder, ExpectedVersion::exact(version)).event("A", "{}");
    const auto refused = store.append(append);
    ASSERT_FALSE(refused) << version;
    EXPECT_EQ(refused.error().code(), ES_INVALID_ARGUMENT);
    EXPECT_NE(refused.error().message().find("any()"), std::string_view::npos) << refused.error().message();
    EXPECT_NE(refused.error().message().find("stream_exists()"), std::string_view::npos) << refused.error().message();

    PackedAppend packed;
    packed.add({.aggregate_type = "Order",
                .aggregate_id = kOrder,
                .expected = ExpectedVersion::exact(version),
                .event_type = "A",
                .data = "{}"});
    const auto also_refused = store.append(packed);
    ASSERT_FALSE(also_refused) << version;
    EXPECT_EQ(also_refused.error().code(), ES_INVALID_ARGUMENT);
    EXPECT_NE(also_refused.error().message().find("any()"), std::string_view::npos) << also_refused.error().message();
  }
  EXPECT_EQ(store.count().value(), 2);
}

// There is no first result to get by appending again.
TEST_P(CppAppendTest, AnIdThatComesTwiceIsSaidToStandInTheSameAppend) {
  const Store store = open();
  Append append;
  append.stream("Order", kOrder, ExpectedVersion::any()).event("A", "{}").event_id(numbered(9));
  append.event("A", "{}").event_id(numbered(9));
  const Error twice = store.append(append).error();
  EXPECT_EQ(twice.code(), ES_DUPLICATE_EVENT);
  EXPECT_EQ(twice.detail("event_index"), "1");
  EXPECT_NE(twice.message().find("earlier in the same append"), std::string_view::npos) << twice.message();
  EXPECT_EQ(twice.message().find("first result"), std::string_view::npos) << twice.message();
}

TEST_P(CppAppendTest, TheFirstErrorOfTheBuilderComesBackFromTheAppend) {
  const Store store = open();
  Append append;
  append.event("NoStream", "{}").stream("", kOrder, ExpectedVersion::any()).event("A", "{}");
  EXPECT_FALSE(append.ok());
  EXPECT_EQ(append.error().code(), ES_INVALID_ARGUMENT);
  EXPECT_EQ(append.size(), 0u);
  EXPECT_EQ(store.append(append).error().message(), append.error().message());
  append.clear();
  EXPECT_TRUE(append.ok());
  append.stream("", kOrder, ExpectedVersion::any());
  EXPECT_EQ(append.error().code(), ES_INVALID_NAME);
  append.clear();
  append.stream("Order", kOrder, ExpectedVersion::any()).event("A", "{}");
  EXPECT_TRUE(store.append(append));
}

TEST_P(CppAppendTest, NothingIsAppendedWithoutEvents) {
  const Store store = open();
  const AppendResult result = store.append(Append()).value();
  EXPECT_EQ(result.size(), 0u);
  EXPECT_TRUE(result.event_ids().empty());
  EXPECT_TRUE(result.positions().empty());
  EXPECT_EQ(result.last_position(), 0);
}

TEST_P(CppAppendTest, MovesItsHandle) {
  const Store store = open();
  Append first;
  first.stream("Order", kOrder, ExpectedVersion::any()).event("A", "{}");
  Append second = std::move(first);
  EXPECT_EQ(second.size(), 1u);
  EXPECT_EQ(store.append(first).error().code(), ES_INVALID_ARGUMENT);  // NOLINT(bugprone-use-after-move)
  first = std::move(second);
  AppendResult result = store.append(first).value();
  const AppendResult kept = std::move(result);
  EXPECT_EQ(kept.size(), 1u);
  EXPECT_EQ(result.size(), 0u);  // NOLINT(bugprone-use-after-move)
}

// ---- The packed buffer ----

// The same three events, told to the builder and to the packed writer.
void tell(Append& append, PackedAppend& packed) {
  const Time time = parse_time("2013-02-08T09:53:00Z").value();
  append.stream("Order", kOrder, ExpectedVersion::no_stream())
      .event("OrderPlaced", R"({ "total": 1.10 })")
      .event_id(numbered(11))
      .event_version(3)
      .occurred_at(time)
      .tenant(numbered(12))
      .correlation(numbered(13))
      .causation(numbered(14))
      .actor("ann")
      .metadata(R"({"ip":"::1"})")
      .stream("Basket", kBasket, ExpectedVersion::any())
      .event("BasketEmptied", "{}")
      .event_id(numbered(15))
      .occurred_at(time)
      .stream("Order", kOrder, ExpectedVersion::no_stream())
      .event("OrderPlaced", "{}")
      .event_id(numbered(16))
      .occurred_at(time)
      .tenant(numbered(12));
  packed.reserve(3, 200);
  packed.add({.aggregate_type = "Order",
              .aggregate_id = kOrder,
              .expected = ExpectedVersion::no_stream(),
              .event_type = "OrderPlaced",
              .data = R"({ "total": 1.10 })",
              .event_id = numbered(11),
              .event_version = 3,
              .occurred_at = time,
              .tenant = numbered(12),
              .correlation = numbered(13),
              .causation = numbered(14),
              .actor = "ann",
              .metadata = R"({"ip":"::1"})"});
  packed.add({.aggregate_type = "Basket",
              .aggregate_id = kBasket,
              .expected = ExpectedVersion::any(),
              .event_type = "BasketEmptied",
              .data = "{}",
              .event_id = numbered(15),
              .occurred_at = time});
  packed.add({.aggregate_type = "Order",
              .aggregate_id = kOrder,
              .expected = ExpectedVersion::no_stream(),
              .event_type = "OrderPlaced",
              .data = "{}",
              .event_id = numbered(16),
              .occurred_at = time,
              .tenant = numbered(12)});
}

std::vector<std::string> documents(const Store& store) {
  std::vector<std::string> all;
  for (const Event& event : store.log()) all.emplace_back(event.document());
  return all;
}

TEST_P(CppAppendTest, PackedStoresWhatTheBuilderStores) {
  Append append;
  PackedAppend packed;
  tell(append, packed);
  EXPECT_EQ(packed.size(), 3u);
  const Store built = Store::open("memory:").value();
  const Store store = open();
  ASSERT_TRUE(built.append(append));
  const AppendResult result = store.append(packed).value();
  EXPECT_EQ(std::vector(result.versions().begin(), result.versions().end()), (std::vector<std::int64_t>{1, 1, 2}));
  const std::vector<std::string> expected = documents(built);
  ASSERT_EQ(expected.size(), 3u);
  EXPECT_EQ(documents(store), expected);
  // To the store the two are the same append: each is a repetition of the other.
  EXPECT_EQ(store.append(append).value().known_count(), 3u);
  EXPECT_EQ(built.append(packed).value().known_count(), 3u);
}

TEST_P(CppAppendTest, PackedDrawsIdsAndFillsDefaults) {
  const Store store = open();
  PackedAppend packed;
  packed.add({.aggregate_type = "Order", .aggregate_id = kOrder, .event_type = "A", .data = "{}"});
  const AppendResult result = store.append(packed).value();
  const Page page = store.read_log({.content = Content::kEnvelope}).value();
  ASSERT_EQ(page.size(), 1u);
  EXPECT_EQ(page[0].id(), result.event_ids()[0]);
  EXPECT_EQ(page[0].id().bytes[6] >> 4, 7);
  EXPECT_EQ(page[0].event_version(), 1);
  EXPECT_EQ(page[0].metadata(), "{}");
  EXPECT_EQ(page[0].tenant_id(), nullptr);
  EXPECT_EQ(page[0].actor(), std::nullopt);
}

TEST_P(CppAppendTest, PackedHoldsNilIdsAndSkipsDuplicates) {
  const Store store = open();
  PackedAppend packed;
  const PackedEvent event{.aggregate_type = "Order",
                          .aggregate_id = kOrder,
                          .event_type = "A",
                          .data = "{}",
                          .event_id = numbered(11),
                          .tenant = Uuid{}};
  packed.add(event);
  ASSERT_TRUE(store.append(packed));
  const Page page = store.read_log().value();
  ASSERT_NE(page[0].tenant_id(), nullptr);
  EXPECT_TRUE(page[0].tenant_id()->is_nil());

  PackedEvent second = event;
  second.event_id = numbered(12);
  packed.add(second);
  EXPECT_EQ(store.append(packed).error().code(), ES_DUPLICATE_EVENT);
  packed.skip_duplicates(true);
  EXPECT_EQ(store.append(packed).value().known_count(), 1u);
}

TEST_P(CppAppendTest, PackedReportsWhatIsWrongWithAnEvent) {
  const Store store = open();
  PackedAppend packed;
  const PackedEvent good{.aggregate_type = "Order", .aggregate_id = kOrder, .event_type = "A", .data = "{}"};
  PackedEvent bad = good;
  bad.data = "[]";
  packed.add(good);
  packed.add(bad);
  const Error error = store.append(packed).error();
  EXPECT_EQ(error.code(), ES_INVALID_JSON);
  EXPECT_EQ(error.detail("event_index"), "1");
  EXPECT_EQ(error.detail("field"), "data");
  EXPECT_EQ(error.detail("offset"), "0");
  EXPECT_NE(error.message(), "");
  EXPECT_EQ(store.count().value(), 0);

  packed.clear();
  bad = good;
  bad.metadata = "";
  packed.add(bad);
  EXPECT_EQ(store.append(packed).error().code(), ES_INVALID_JSON);
  packed.clear();
  EXPECT_EQ(store.append(packed).value().size(), 0u);
  packed.add(good);
  const auto bytes = packed.bytes().value();
  EXPECT_EQ(store.append_packed(bytes.first(bytes.size() - 1)).error().code(), ES_INVALID_BUFFER);
  EXPECT_EQ(store.append_packed(bytes).value().size(), 1u);
}

EVENTSOURCE_ON_EACH_BACKEND(CppAppendTest);

}  // namespace
}  // namespace eventsource::test
