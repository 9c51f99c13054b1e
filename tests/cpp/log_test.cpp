// What a store tells in its log.
#include <map>
#include <thread>

#include "tests/cpp/stores.hpp"

namespace eventsource::test {
namespace {

static_assert(std::is_copy_constructible_v<Log> && std::is_nothrow_move_constructible_v<Log>);
static_assert(!std::is_copy_constructible_v<LogRecord> && std::is_nothrow_move_constructible_v<LogRecord>);

// The records that wait, by their messages.
std::map<std::string, LogRecord> take_all(const Log& log) {
  std::map<std::string, LogRecord> records;
  while (auto record = log.take().value()) {
    std::string message(record->message());
    records.emplace(std::move(message), *std::move(record));
  }
  return records;
}

using CppLogTest = StoreTest;

TEST_P(CppLogTest, TellsTheLifeOfAStore) {
  const Log log = Log::create(LogLevel::kInfo).value();
  const Store store = open(Options().log(log));
  auto records = take_all(log);
  ASSERT_TRUE(records.contains("store opened"));
  const LogRecord& opened = records.at("store opened");
  EXPECT_EQ(opened.level(), LogLevel::kInfo);
  EXPECT_EQ(opened.logger(), "store");
  EXPECT_EQ(opened.field("backend"), GetParam());
  EXPECT_EQ(opened.field("url"), url());
  EXPECT_EQ(opened.field("schema_version"), std::to_string(es_schema_version()));
  EXPECT_EQ(opened.field("colour"), std::nullopt);
  EXPECT_EQ(opened.field_at(opened.field_count()).first, "");
  EXPECT_NE(opened.json().find(R"("message":"store opened")"), std::string_view::npos);
  EXPECT_GT(opened.time(), parse_time("2020-01-01T00:00:00Z").value());
  ASSERT_TRUE(store.shutdown());
  records = take_all(log);
  ASSERT_TRUE(records.contains("store shut down"));
  EXPECT_EQ(records.at("store shut down").field("url"), url());
  EXPECT_EQ(log.dropped(), 0);
}

TEST_P(CppLogTest, CopiesAreTheSameLog) {
  Log first = Log::create(LogLevel::kTrace, 2).value();
  const Log second = first;
  first.set_level(LogLevel::kWarning);
  EXPECT_EQ(second.level(), LogLevel::kWarning);
  EXPECT_EQ(name_of(second.level()), "warning");
  EXPECT_EQ(name_of(static_cast<LogLevel>(77)), "");
  EXPECT_EQ(first.fd(), second.fd());
  first = Log::create(LogLevel::kInfo).value();
  EXPECT_NE(first.fd(), second.fd());
  EXPECT_EQ(second.wait(std::chrono::milliseconds(0)).error().code(), ES_TIMEOUT);
  EXPECT_EQ(Log::create(LogLevel::kInfo, 0).error().code(), ES_LIMIT_EXCEEDED);
  const Log taken = std::move(first);
  EXPECT_EQ(first.take().error().code(), ES_INVALID_ARGUMENT);  // NOLINT(bugprone-use-after-move)
}

TEST_P(CppLogTest, AThreadPullsUntilTheLogIsClosed) {
  Log log = Log::create(LogLevel::kInfo).value();
  std::vector<std::string> seen;
  std::thread reader([&log, &seen] {
    while (log.wait()) {
      while (const auto record = log.take().value()) seen.emplace_back(record->message());
      if (!seen.empty() && seen.back() == "store shut down") return;
    }
  });
  const Store store = open(Options().log(log));
  ASSERT_TRUE(store.shutdown());
  reader.join();
  EXPECT_EQ(seen.back(), "store shut down");
}

EVENTSOURCE_ON_EACH_BACKEND(CppLogTest);

}  // namespace
}  // namespace eventsource::test
