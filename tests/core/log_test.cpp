// The log: what a record holds, the ring's bounds and counts, waiting, and many threads at once.
#include "core/log/log.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "core/base/utf8.hpp"
#include "core/log/logger.hpp"
#include "tests/core/fake_environment.hpp"

namespace eventsource::core {
namespace {

using nlohmann::ordered_json;

constexpr std::int64_t kTime = 1'767'225'600'000'042;  // 2026-01-01T00:00:00.000042Z

std::shared_ptr<Log> make_log(std::size_t capacity = 16, LogLevel level = LogLevel::kTrace) {
  return Log::create(level, capacity).value();
}

void write(Log& log, std::string_view message, const std::vector<LogField>& fields = {}) {
  log.write(kTime, LogLevel::kInfo, "store", message, fields);
}

bool is_readable(const Log& log) {
  pollfd place{log.descriptor(), POLLIN, 0};
  return poll(&place, 1, 0) == 1;
}

std::vector<std::string> take_messages(Log& log) {
  std::vector<std::string> messages;
  while (const auto record = log.take()) messages.push_back(record->message);
  return messages;
}

TEST(Log, ARecordHoldsWhatWasWritten) {
  const auto log = make_log();
  log->write(kTime, LogLevel::kWarning, "sqlite", "waited", std::vector<LogField>{{"path", "/a/b.db"}, {"ms", -7}});
  const auto record = log->take();
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->time_us, kTime);
  EXPECT_EQ(record->level, LogLevel::kWarning);
  EXPECT_STREQ(record->logger, "sqlite");
  EXPECT_EQ(record->message, "waited");
  ASSERT_EQ(record->fields.size(), 2U);
  EXPECT_STREQ(record->fields[0].key, "path");
  EXPECT_EQ(record->fields[0].value, "/a/b.db");
  EXPECT_EQ(record->fields[1].value, "-7");
  EXPECT_EQ(record->line, R"({"time":"2026-01-01T00:00:00.000042Z","level":"warning","logger":"sqlite",)"
                          R"("message":"waited","path":"/a/b.db","ms":-7})");
  EXPECT_EQ(log->take(), nullptr);
}

TEST(Log, EachLevelHasItsName) {
  const auto log = make_log();
  for (const auto& [level, name] : {std::pair(LogLevel::kTrace, "trace"),
                                    {LogLevel::kDebug, "debug"},
                                    {LogLevel::kInfo, "info"},
                                    {LogLevel::kWarning, "warning"},
                                    {LogLevel::kError, "error"}}) {
    log->write(kTime, level, "store", "m", {});
    EXPECT_EQ(ordered_json::parse(log->take()->line)["level"], name);
    EXPECT_STREQ(name_of(level), name);
    EXPECT_EQ(log_level(static_cast<std::int32_t>(level)), level);
  }
  EXPECT_STREQ(name_of(LogLevel::kOff), "off");
  for (const std::int32_t number : {-1, 5, 7, 1'000'000}) EXPECT_FALSE(log_level(number)) << number;
}

// Whatever a text holds, the line is one line of JSON that gives it back.
TEST(Log, TextsAreEscaped) {
  std::string all;
  for (int c = 1; c < 0x80; ++c) all.push_back(static_cast<char>(c));
  for (const std::string& text :
       {all, std::string("\"\\/"), std::string("%v %l %n %%"), std::string("line\nbreak\r\t"),
        std::string("\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80"), std::string("{\"a\":[1,2]}"), std::string()}) {
    const auto log = make_log();
    write(*log, text, {{"text", text}});
    const auto record = log->take();
    EXPECT_EQ(record->line.find('\n'), std::string::npos);
    const auto line = ordered_json::parse(record->line);
    EXPECT_EQ(line["message"], text);
    EXPECT_EQ(line["text"], text);
    EXPECT_EQ(record->message, text);
    EXPECT_EQ(record->fields[0].value, text);
  }
}

TEST(Log, WhatIsNoTextBecomesOne) {
  const auto log = make_log();
  write(*log, std::string_view("a\0b", 3), {{"bytes", "\xFF\xC3(\xED\xA0\x80"}});
  const auto record = log->take();
  EXPECT_EQ(record->message,
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_TRUE(valid_utf8(record->fields[0].value));
  EXPECT_EQ(ordered_json::parse(record->line)["bytes"], record->fields[0].value);
}

TEST(Log, LongTextsAreCutBetweenCharacters) {
  constexpr std::size_t kMost = ES_LOG_TEXT_BYTES_MAX;
  const auto log = make_log();
  const auto kept = [&](const std::string& text) {
    write(*log, text);
    return log->take()->message;
  };
  const std::string longest(kMost, 'x');
  EXPECT_EQ(kept(longest), longest);
  EXPECT_EQ(kept(longest + "x"), std::string(kMost - 3, 'x') + "...");
  EXPECT_EQ(kept(std::string(1'000'000, 'x')), std::string(kMost - 3, 'x') + "...");
  for (std::size_t shift = 0; shift < 4; ++shift) {
    std::string text(shift, 'x');
    for (std::size_t i = 0; i < kMost; ++i) text += "\xF0\x9F\x98\x80";
    const std::string cut = kept(text);
    EXPECT_TRUE(valid_utf8(cut));
    EXPECT_LE(cut.size(), kMost);
    EXPECT_GE(cut.size(), kMost - 6);
    EXPECT_TRUE(cut.ends_with("..."));
  }
}

TEST(Log, TakesItsLevelAndAbove) {
  const auto log = make_log(16, LogLevel::kWarning);
  EXPECT_FALSE(log->wants(LogLevel::kInfo));
  EXPECT_TRUE(log->wants(LogLevel::kWarning));
  EXPECT_TRUE(log->wants(LogLevel::kError));
  log->set_level(LogLevel::kOff);
  EXPECT_FALSE(log->wants(LogLevel::kError));
  log->set_level(LogLevel::kTrace);
  EXPECT_TRUE(log->wants(LogLevel::kTrace));
}

TEST(Log, DropsTheOldestAndCountsThem) {
  const auto log = make_log(3);
  for (int i = 1; i <= 10; ++i) write(*log, std::to_string(i));
  EXPECT_EQ(log->size(), 3U);
  EXPECT_EQ(log->dropped(), 7);
  EXPECT_EQ(take_messages(*log), (std::vector<std::string>{"8", "9", "10"}));
  EXPECT_EQ(log->dropped(), 7);
  write(*log, "11");
  EXPECT_EQ(take_messages(*log), std::vector<std::string>{"11"});
  // At each place of the ring.
  for (int i = 0; i < 20; ++i) {
    write(*log, "a");
    write(*log, "b");
    EXPECT_EQ(log->size(), 2U);
    EXPECT_EQ(take_messages(*log), (std::vector<std::string>{"a", "b"}));
  }
  EXPECT_EQ(log->dropped(), 7);
}

TEST(Log, OneRecordIsTheLeastItKeeps) {
  const auto log = make_log(1);
  write(*log, "1");
  write(*log, "2");
  EXPECT_EQ(take_messages(*log), std::vector<std::string>{"2"});
  EXPECT_EQ(log->dropped(), 1);
}

TEST(Log, TheDescriptorIsReadableWhileThereAreRecords) {
  const auto log = make_log(2);
  EXPECT_FALSE(is_readable(*log));
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 5; ++i) {
      write(*log, "m");
      EXPECT_TRUE(is_readable(*log));
    }
    EXPECT_NE(log->take(), nullptr);
    EXPECT_TRUE(is_readable(*log));
    EXPECT_NE(log->take(), nullptr);
    EXPECT_FALSE(is_readable(*log));
    EXPECT_EQ(log->take(), nullptr);
    EXPECT_FALSE(is_readable(*log));
  }
}

TEST(Log, WaitsForARecord) {
  const auto log = make_log();
  EXPECT_EQ(log->wait(0).error().code(), ES_TIMEOUT);
  EXPECT_EQ(log->wait(20).error().code(), ES_TIMEOUT);
  std::thread writer([&] { write(*log, "m"); });
  EXPECT_TRUE(log->wait(-1).ok());
  writer.join();
  EXPECT_TRUE(log->wait(0).ok()) << "it is still there";
  EXPECT_NE(log->take(), nullptr);
}

TEST(Log, ItsEndWakesWhoeverWaits) {
  const auto log = make_log();
  std::vector<std::thread> waiting;
  for (int i = 0; i < 3; ++i) {
    waiting.emplace_back([&] { EXPECT_EQ(log->wait(-1).error().code(), ES_CLOSED); });
  }
  log->end();
  for (std::thread& thread : waiting) thread.join();
  EXPECT_FALSE(log->wants(LogLevel::kError));
  write(*log, "too late");
  EXPECT_EQ(log->take(), nullptr);
  EXPECT_EQ(log->wait(-1).error().code(), ES_CLOSED);
}

TEST(Log, ManyThreadsWriteAndTake) {
  constexpr int kWriters = 8;
  constexpr int kReaders = 2;
  constexpr int kRecords = 2'000;
  for (const std::size_t capacity : {std::size_t{4}, std::size_t{kWriters * kRecords}}) {
    const auto log = make_log(capacity);
    std::atomic<std::int64_t> taken{0};
    const auto read = [&] {
      std::vector<std::int64_t> last(kWriters, -1);
      while (log->wait(-1).ok()) {
        while (const auto record = log->take()) {
          taken.fetch_add(1);
          const auto line = ordered_json::parse(record->line);
          const auto writer = line["writer"].get<std::size_t>();
          EXPECT_GT(line["n"].get<std::int64_t>(), last[writer]) << "a writer's records keep their order";
          last[writer] = line["n"].get<std::int64_t>();
        }
      }
    };
    std::vector<std::thread> readers;
    std::vector<std::thread> writers;
    for (int i = 0; i < kReaders; ++i) readers.emplace_back(read);
    for (int i = 0; i < kWriters; ++i) {
      writers.emplace_back([&log, i] {
        for (int n = 0; n < kRecords; ++n) write(*log, "m", {{"writer", i}, {"n", n}});
      });
    }
    for (std::thread& thread : writers) thread.join();
    while (log->size() != 0) std::this_thread::yield();
    log->end();
    for (std::thread& thread : readers) thread.join();
    EXPECT_EQ(taken.load() + log->dropped(), kWriters * kRecords);
    if (capacity >= kWriters * kRecords) {
      EXPECT_EQ(log->dropped(), 0);
    }
  }
}

TEST(Log, AChildLeavesTheParentsLogAlone) {
  const auto log = make_log();
  write(*log, "of the parent");
  const pid_t child = fork();
  if (child == 0) {
    const bool is_left = log->take() == nullptr && log->size() == 0 && log->wait(0).error().code() == ES_FORKED;
    write(*log, "of the child");
    log->end();
    _exit(is_left ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(take_messages(*log), std::vector<std::string>{"of the parent"});
  EXPECT_FALSE(is_readable(*log));
  EXPECT_EQ(log->wait(0).error().code(), ES_TIMEOUT);
}

class CountingEnvironment final : public Environment {
 public:
  std::int64_t looks = 0;

  std::int64_t wall_us() override { return kTime + looks++; }
  std::int64_t steady_us() override { return kTime + looks++; }
  Status random(std::span<std::uint8_t>) override { return {}; }
  void pause_us(std::int64_t) override {}
};

TEST(Logger, WithoutALogOrBelowItsLevelNothingIsDone) {
  CountingEnvironment environment;
  const Logger nobody;
  nobody.write(LogLevel::kError, "m");
  EXPECT_FALSE(nobody.wants(LogLevel::kError));
  const Logger none({}, "store", environment);
  none.write(LogLevel::kError, "m");
  const auto log = make_log(4, LogLevel::kWarning);
  const Logger logger(log, "store", environment);
  logger.write(LogLevel::kInfo, "m");
  EXPECT_EQ(environment.looks, 0) << "not even the time was asked for";
  EXPECT_EQ(log->take(), nullptr);
  logger.named("sqlite").write(LogLevel::kWarning, "m", {{"n", 1}});
  const auto record = log->take();
  EXPECT_STREQ(record->logger, "sqlite");
  EXPECT_EQ(record->time_us, kTime);
}

}  // namespace
}  // namespace eventsource::core
