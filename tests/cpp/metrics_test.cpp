// What a store counts of itself.
#include "tests/cpp/stores.hpp"

namespace eventsource::test {
namespace {

static_assert(!std::is_copy_constructible_v<Metrics> && std::is_nothrow_move_constructible_v<Metrics>);

using CppMetricsTest = StoreTest;

TEST_P(CppMetricsTest, CountsWhatTheStoreDoes) {
  const Store store = open();
  fill(store, "Order", numbered(1), 1, 3);
  fill(store, "Order", numbered(1), 4, 2);
  ASSERT_TRUE(store.read_log());
  ASSERT_TRUE(store.read_stream("Order", numbered(1)));
  const Metrics metrics = store.metrics().value();
  EXPECT_EQ(metrics.value("eventsource_appends_total"), 2);
  EXPECT_EQ(metrics.value("eventsource_appended_events_total"), 5);
  EXPECT_EQ(metrics.value("eventsource_reads_total"), 2);
  EXPECT_EQ(metrics.value("eventsource_read_events_total"), 10);
  EXPECT_EQ(metrics.value("eventsource_append_seconds"), 2);
  EXPECT_GT(metrics.quantile("eventsource_append_seconds", 0.99).count(), 0);
  EXPECT_EQ(metrics.value("eventsource_colours_total"), 0);
  EXPECT_EQ(metrics.quantile("eventsource_colours_total", 0.5).count(), 0);
  ASSERT_GT(metrics.size(), 0u);
  EXPECT_EQ(metrics[0].name, "eventsource_appends_total");
  EXPECT_EQ(metrics[0].kind, MetricKind::kCounter);
  EXPECT_EQ(metrics[0].value, 2);
  EXPECT_NE(metrics.text().find("\neventsource_appends_total 2\n"), std::string_view::npos);
}

EVENTSOURCE_ON_EACH_BACKEND(CppMetricsTest);

}  // namespace
}  // namespace eventsource::test
