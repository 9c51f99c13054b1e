// Options, URLs, tokens and the end of a store; what events are is in the conformance vectors.
#include "core/store/store.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>

#include "core/base/utf8.hpp"
#include "core/event/token.hpp"
#include "core/store/url.hpp"
#include "tests/core/fake_environment.hpp"

namespace eventsource::core {
namespace {

TEST(Settings, EachDefaultOfTheTableIsWhatAStoreHas) {
  // Setting every option to its documented default changes nothing.
  Settings settings;
  for (const OptionRow& row : option_table()) {
    EXPECT_TRUE(set_option(row.name, row.default_value, settings).ok()) << row.name;
  }
  const Settings fresh;
  EXPECT_EQ(settings.create, fresh.create);
  EXPECT_EQ(settings.read_only, fresh.read_only);
  EXPECT_EQ(settings.busy_timeout_ms, fresh.busy_timeout_ms);
  EXPECT_EQ(settings.synchronous_full, fresh.synchronous_full);
  EXPECT_EQ(settings.page_bytes, fresh.page_bytes);
  EXPECT_EQ(settings.max_event_bytes, fresh.max_event_bytes);
  EXPECT_EQ(settings.max_append_events, fresh.max_append_events);
  EXPECT_EQ(settings.pool.size, fresh.pool.size);
  EXPECT_EQ(settings.pool.overflow, fresh.pool.overflow);
  EXPECT_EQ(settings.pool.timeout_ms, fresh.pool.timeout_ms);
  EXPECT_EQ(settings.pool.recycle_ms, fresh.pool.recycle_ms);
  EXPECT_EQ(settings.pool.pre_ping, fresh.pool.pre_ping);
  EXPECT_EQ(settings.slow_call_ms, fresh.slow_call_ms);
}

TEST(Settings, TheHeaderDocumentsTheTable) {
  const char* const source = std::getenv("EVENTSOURCE_SOURCE_DIR");
  std::ifstream file(std::string(source == nullptr ? "." : source) + "/include/eventsource/options.h");
  std::string header((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  // The columns of the table are padded with blanks.
  header.erase(std::unique(header.begin(), header.end(), [](char a, char b) { return a == ' ' && b == ' '; }),
               header.end());
  for (const OptionRow& row : option_table()) {
    const std::string line = "| " + std::string(row.name) + " | " + row.default_value + " | " + row.meaning + " |";
    EXPECT_NE(header.find(line), std::string::npos) << line;
  }
}

TEST(Settings, RefusesWhatIsNoValue) {
  Settings settings;
  const auto code = [&](std::string_view name, std::string_view value) {
    const Status status = set_option(name, value, settings);
    return status.ok() ? ES_OK : status.error().code();
  };
  EXPECT_EQ(code("creat", "true"), ES_UNKNOWN_OPTION);
  EXPECT_EQ(code("create", "yes"), ES_INVALID_ARGUMENT);
  EXPECT_EQ(code("create", ""), ES_INVALID_ARGUMENT);
  EXPECT_EQ(code("synchronous", "FULL"), ES_INVALID_ARGUMENT);
  EXPECT_EQ(code("page_bytes", "1k"), ES_INVALID_ARGUMENT);
  EXPECT_EQ(code("page_bytes", ""), ES_INVALID_ARGUMENT);
  EXPECT_EQ(code("page_bytes", "1023"), ES_LIMIT_EXCEEDED);
  EXPECT_EQ(code("page_bytes", "1073741825"), ES_LIMIT_EXCEEDED);
  EXPECT_EQ(code("page_bytes", "99999999999999999999"), ES_LIMIT_EXCEEDED);
  EXPECT_EQ(code("max_append_events", "0"), ES_LIMIT_EXCEEDED);
  EXPECT_EQ(code("page_bytes", "1024"), ES_OK);
}

TEST(Settings, SaysItsBounds) {
  for (const OptionRow& row : option_table()) {
    if (std::string_view(row.name) != "busy_timeout_ms") continue;
    const std::string bounds = std::to_string(row.lowest) + " to " + std::to_string(row.highest);
    EXPECT_NE(std::string_view(row.meaning).find(bounds), std::string_view::npos) << row.meaning;
  }
}

TEST(Settings, AMessageIsTextWhateverTheCallerWrote) {
  Settings settings;
  for (const std::string& bad : {std::string("\xff\xfe"), std::string("a\0b", 3), std::string("a\nb"), std::string()}) {
    for (const bool is_name : {true, false}) {
      const Status status = is_name ? set_option(bad, "true", settings) : set_option("create", bad, settings);
      ASSERT_FALSE(status.ok());
      const std::string& message = status.error().message();
      EXPECT_TRUE(valid_utf8(message));
      EXPECT_EQ(message.find('\0'), std::string::npos);
      for (const auto& detail : status.error().details()) {
        EXPECT_TRUE(valid_utf8(detail.value));
        EXPECT_EQ(detail.value.find('\0'), std::string::npos);
      }
    }
  }
  const Status unknown = set_option("creat", "true", settings);
  EXPECT_NE(unknown.error().message().find("\"creat\""), std::string::npos);
  EXPECT_NE(unknown.error().message().find("es_option_at"), std::string::npos) << "what to do next";
}

TEST(Url, KnowsItsForms) {
  EXPECT_EQ(parse_url("memory:").value().kind, StoreUrl::Kind::kMemory);
  EXPECT_EQ(parse_url("sqlite:///a b%20?c.db").value().path, "a b%20?c.db");
  EXPECT_EQ(parse_url("sqlite:////srv/e.db").value().path, "/srv/e.db");
  EXPECT_EQ(parse_url("postgresql+asyncpg://u:pw@h/d").value().kind, StoreUrl::Kind::kPostgres);
  EXPECT_EQ(parse_url("postgresql+asyncpg://u:pw@h/d").value().shown, "postgresql+asyncpg://u@h/d");
  EXPECT_EQ(parse_url("sqlite:///a b.db").value().shown, "sqlite:///a b.db");
  for (const char* url :
       {"", "memory", "memory:x", "sqlite://", "sqlite:///", "sqlite://host/e.db", "sqlite:e.db",
        "sqlite:///:memory:", "mysql://u:secret@h/d", "postgresql:u:secret@h/d", "postgresql+secret://h/d"}) {
    const auto parsed = parse_url(url);
    ASSERT_FALSE(parsed.ok()) << url;
    EXPECT_EQ(parsed.error().code(), ES_INVALID_URL);
    EXPECT_EQ(parsed.error().message().find("secret"), std::string::npos) << "no password in a message";
  }
  EXPECT_FALSE(parse_url(std::string_view("sqlite:///a\0b", 13)).ok());
  EXPECT_FALSE(parse_url("sqlite:///" + std::string(5000, 'x')).ok());
}

class MemoryStore : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = Store::open("memory:", Settings(), CallOptions(), environment);
    ASSERT_TRUE(opened.ok());
    store = std::move(opened).value();
  }

  FakeEnvironment environment;
  std::shared_ptr<Store> store;
};

TEST_F(MemoryStore, ATokenAheadOfTheStoreIsWaitedForAndThenATimeout) {
  CallOptions options;
  options.token = make_token(store->identity().id, 5);
  options.timeout_ms = 200;
  const auto head = now(store->head(options));
  ASSERT_FALSE(head.ok());
  EXPECT_EQ(head.error().code(), ES_TIMEOUT);
  EXPECT_EQ(environment.paused, 200'000) << "it waited as long as it was allowed to, no longer";

  options.token = make_token(store->identity().id, 0);
  EXPECT_TRUE(now(store->head(options)).ok());
  Uuid other = store->identity().id;
  other.bytes[0] ^= 1;
  options.token = make_token(other, 0);
  const auto foreign = now(store->head(options));
  ASSERT_FALSE(foreign.ok());
  EXPECT_EQ(foreign.error().code(), ES_INVALID_TOKEN);
}

TEST_F(MemoryStore, AfterShutdownEveryCallSaysClosed) {
  ASSERT_TRUE(store->shutdown(-1).ok());
  ASSERT_TRUE(store->shutdown(0).ok()) << "a second shutdown does nothing";
  const CallOptions call;
  EXPECT_EQ(now(store->append({}, call)).error().code(), ES_CLOSED);
  EXPECT_EQ(now(store->head(call)).error().code(), ES_CLOSED);
  EXPECT_EQ(now(store->read_log({}, call)).error().code(), ES_CLOSED);
  EXPECT_EQ(now(store->inspect(call)).error().code(), ES_CLOSED);
  EXPECT_STREQ(store->kind(), "memory");
  EXPECT_EQ(store->shutdown(-2).error().code(), ES_INVALID_ARGUMENT);
}

TEST_F(MemoryStore, WhatDoesNotApplyToAReadIsRefused) {
  const CallOptions call;
  const StreamName stream{"Order", store->identity().id};
  ReadOptions read;
  read.after = 0;
  EXPECT_EQ(now(store->read_stream(stream, read, call)).error().code(), ES_INVALID_ARGUMENT);
  read = {};
  read.through = 1;
  EXPECT_EQ(now(store->read_stream(stream, read, call)).error().code(), ES_INVALID_ARGUMENT);
  read.backward = true;
  EXPECT_EQ(now(store->read_log(read, call)).error().code(), ES_INVALID_ARGUMENT);
  read = {};
  read.filter = Filter();
  EXPECT_EQ(now(store->read_stream(stream, read, call)).error().code(), ES_INVALID_ARGUMENT);
  read = {};
  read.versions = {1, 2};
  EXPECT_EQ(now(store->read_log(read, call)).error().code(), ES_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace eventsource::core
