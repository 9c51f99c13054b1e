// Counters, gauges and histograms, their table, and Prometheus's text.
#include "core/base/metrics.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <regex.h>
#include <set>
#include <thread>

namespace eventsource::core {
namespace {

// The whole of it, by POSIX's extended expressions.
bool matches(const std::string& text, const std::string& pattern) {
  regex_t compiled;
  if (regcomp(&compiled, ("^(" + pattern + ")$").c_str(), REG_EXTENDED | REG_NOSUB) != 0) return false;
  const bool found = regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
  regfree(&compiled);
  return found;
}

MetricValue value_of(const Metrics& metrics, std::string_view name) {
  for (const MetricValue& value : look_at(metrics)) {
    if (value.row->name == name) return value;
  }
  ADD_FAILURE() << "no metric " << name;
  return {};
}

TEST(Metrics, NamesAreAsPrometheusHasThem) {
  std::set<std::string> names;
  for (const MetricRow& row : metric_table()) {
    EXPECT_TRUE(matches(row.name, "eventsource_[a-z]+(_[a-z]+)*")) << row.name;
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    const std::string_view text = row.name;
    EXPECT_EQ(text.ends_with("_total"), std::holds_alternative<Counter Metrics::*>(row.place)) << row.name;
    EXPECT_EQ(text.ends_with("_seconds"), std::holds_alternative<Histogram Metrics::*>(row.place)) << row.name;
    const std::string_view help = row.help;
    EXPECT_TRUE(help.ends_with('.')) << row.name;
    EXPECT_EQ(help.find_first_of("\\\n"), std::string_view::npos) << row.name;
  }
}

// Each row has a place of its own, and no place is forgotten: there is nothing else in Metrics.
TEST(Metrics, TheTableHasEveryPlaceOnce) {
  std::set<std::size_t> offsets;
  std::size_t bytes = 0;
  const Metrics metrics;
  for (const MetricRow& row : metric_table()) {
    std::visit(
        [&](auto place) {
          const auto at = reinterpret_cast<const char*>(&(metrics.*place)) - reinterpret_cast<const char*>(&metrics);
          EXPECT_TRUE(offsets.insert(static_cast<std::size_t>(at)).second) << row.name;
          bytes += sizeof(metrics.*place);
        },
        row.place);
  }
  EXPECT_EQ(bytes, sizeof(Metrics));
}

TEST(Metrics, TheHeaderDocumentsTheTable) {
  const char* const source = std::getenv("EVENTSOURCE_SOURCE_DIR");
  std::ifstream file(std::string(source == nullptr ? "." : source) + "/include/eventsource/metrics.h");
  std::string header((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  // The columns of the table are padded with blanks.
  header.erase(std::unique(header.begin(), header.end(), [](char a, char b) { return a == ' ' && b == ' '; }),
               header.end());
  const char* const kinds[] = {"counter", "gauge", "histogram"};
  for (const MetricRow& row : metric_table()) {
    const std::string line = "| " + std::string(row.name) + " | " + kinds[row.place.index()] + " | " + row.help + " |";
    EXPECT_NE(header.find(line), std::string::npos) << line;
  }
}

TEST(Metrics, CountersAndGaugesMove) {
  Metrics metrics;
  metrics.appends.add();
  metrics.appended_events.add(5);
  metrics.calls.add(3);
  metrics.calls.take();
  EXPECT_EQ(value_of(metrics, "eventsource_appends_total").value, 1);
  EXPECT_EQ(value_of(metrics, "eventsource_appended_events_total").value, 5);
  EXPECT_EQ(value_of(metrics, "eventsource_calls").value, 2);
  EXPECT_EQ(value_of(metrics, "eventsource_reads_total").value, 0);
}

TEST(Histogram, ATimeIsInTheFirstBucketThatHoldsIt) {
  Metrics metrics;
  for (const std::int64_t us : {0, 1, 2, 3, 5, 6, 100'000'000, 100'000'001}) metrics.append_time.observe(us);
  const MetricValue value = value_of(metrics, "eventsource_append_seconds");
  EXPECT_EQ(value.value, 8);
  EXPECT_EQ(value.sum_us, 200'000'018);
  EXPECT_EQ(value.buckets[0], 2) << "up to 1 us";
  EXPECT_EQ(value.buckets[1], 3) << "up to 2 us";
  EXPECT_EQ(value.buckets[2], 5) << "up to 5 us";
  EXPECT_EQ(value.buckets[3], 6) << "up to 10 us";
  EXPECT_EQ(value.buckets[Histogram::kBoundsUs.size() - 1], 7) << "up to 100 s";
  EXPECT_EQ(value.buckets[Histogram::kBoundsUs.size()], 8) << "without an end";
}

TEST(Histogram, BoundsAreOneTwoAndFive) {
  std::int64_t bound = 1;
  for (std::size_t i = 0; i < Histogram::kBoundsUs.size(); ++i) {
    EXPECT_EQ(Histogram::kBoundsUs[i], bound);
    bound = i % 3 == 1 ? bound / 2 * 5 : bound * 2;
  }
}

TEST(Histogram, AQuantileLiesInItsBucket) {
  Metrics metrics;
  EXPECT_EQ(value_of(metrics, "eventsource_append_seconds").quantile(0.5), 0);
  for (int i = 0; i < 99; ++i) metrics.append_time.observe(150);
  metrics.append_time.observe(40'000);
  const MetricValue value = value_of(metrics, "eventsource_append_seconds");
  for (const double q : {0.01, 0.5, 0.9, 0.99}) {
    EXPECT_GT(value.quantile(q), 100e-6) << q;
    EXPECT_LE(value.quantile(q), 200e-6) << q;
  }
  EXPECT_GT(value.quantile(0.995), 20e-3);
  EXPECT_LE(value.quantile(1), 50e-3);
  EXPECT_LE(value.quantile(0.5), value.quantile(0.9));
  EXPECT_EQ(value.quantile(7), value.quantile(1));
  metrics.read_time.observe(1'000'000'000);
  EXPECT_EQ(value_of(metrics, "eventsource_read_seconds").quantile(0.5), 100);
}

TEST(Metrics, Exposition) {
  Metrics metrics;
  metrics.conflicts.add(2);
  metrics.calls.add();
  metrics.append_time.observe(3);
  metrics.append_time.observe(1'500'000);
  const std::string text = exposition(look_at(metrics));
  const auto has = [&](const std::string& lines) {
    EXPECT_NE(("\n" + text).find("\n" + lines + "\n"), std::string::npos) << lines << "\n in \n" << text;
  };
  has("# HELP eventsource_append_conflicts_total Appends refused because a stream was not at the expected version.\n"
      "# TYPE eventsource_append_conflicts_total counter\n"
      "eventsource_append_conflicts_total 2");
  has("# TYPE eventsource_calls gauge\neventsource_calls 1");
  has("# TYPE eventsource_append_seconds histogram\n"
      "eventsource_append_seconds_bucket{le=\"0.000001\"} 0\n"
      "eventsource_append_seconds_bucket{le=\"0.000002\"} 0\n"
      "eventsource_append_seconds_bucket{le=\"0.000005\"} 1\n"
      "eventsource_append_seconds_bucket{le=\"0.00001\"} 1");
  has("eventsource_append_seconds_bucket{le=\"1\"} 1\n"
      "eventsource_append_seconds_bucket{le=\"2\"} 2");
  has("eventsource_append_seconds_bucket{le=\"100\"} 2\n"
      "eventsource_append_seconds_bucket{le=\"+Inf\"} 2\n"
      "eventsource_append_seconds_sum 1.500003\n"
      "eventsource_append_seconds_count 2");
  // Every line has the form that the format's description gives it.
  const std::string line("# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\\{le=\"([0-9.]+|\\+Inf)\"\\})? [0-9.]+");
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; begin = end + 1, end = text.find('\n', begin)) {
    EXPECT_TRUE(matches(text.substr(begin, end - begin), line)) << text.substr(begin, end - begin);
  }
  EXPECT_EQ(begin, text.size()) << "the last line ends as well";
}

TEST(Metrics, ManyThreadsCount) {
  constexpr int kThreads = 8;
  constexpr int kTimes = 20'000;
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kTimes; ++n) {
        metrics.calls.add();
        metrics.appends.add();
        metrics.append_time.observe(n);
        metrics.calls.take();
      }
    });
  }
  std::int64_t before = 0;
  for (int i = 0; i < 100; ++i) {
    const std::int64_t now = value_of(metrics, "eventsource_append_seconds").value;
    EXPECT_GE(now, before) << "it only rises";
    before = now;
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(value_of(metrics, "eventsource_appends_total").value, kThreads * kTimes);
  EXPECT_EQ(value_of(metrics, "eventsource_append_seconds").value, kThreads * kTimes);
  EXPECT_EQ(value_of(metrics, "eventsource_append_seconds").sum_us,
            kThreads * (std::int64_t{kTimes} * (kTimes - 1) / 2));
  EXPECT_EQ(value_of(metrics, "eventsource_calls").value, 0);
}

}  // namespace
}  // namespace eventsource::core
