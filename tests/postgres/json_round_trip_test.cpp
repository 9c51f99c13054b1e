// What a store on the server accepts as data, metadata and state comes back byte for byte; where an older schema keeps
// it as jsonb, as the same value. What it refuses leaves nothing behind.
#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "core/base/json/scan.hpp"
#include "core/store/store.hpp"
#include "tests/postgres/json_corpus.hpp"
#include "tests/postgres/json_mutation.hpp"
#include "tests/postgres/json_value.hpp"
#include "tests/postgres/python_tables.hpp"
#include "tests/support/postgres_place.hpp"

namespace postgres_test {
namespace {

using namespace eventsource::core;
using test_support::PostgresSchema;

std::string trimmed(const std::string& text) {
  constexpr const char* kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// What docs/format.md says a read gives back as data.
std::string kept_data(const std::string& data) {
  const std::string object = trimmed(data);
  return trimmed(object.substr(1, object.size() - 2)).empty() ? "{}" : object;
}

// Objects from the corpus and from a random source, some of them spoilt but still good.
Texts user_objects() {
  JsonMutation mutation(1);
  Texts texts = corpus();
  for (int i = 0; i < 4000; ++i) {
    texts.push_back(mutation.object());
    texts.push_back(mutation.spoil(texts.back()));
  }
  std::erase_if(texts, [](const std::string& text) { return !json::check_user_object(text).ok(); });
  return texts;
}

class JsonRoundTrip : public testing::Test {
 protected:
  void open(const std::string& sql) {
    schema.emplace(sql);
    auto opened = Store::open(schema->url(), Settings(), CallOptions(), system_environment());
    ASSERT_TRUE(opened.ok()) << opened.error().message();
    store = std::move(opened).value();
  }

  Status append(std::span<const std::string> texts) {
    AppendInput input;
    input.streams.push_back({stream, ES_ANY});
    for (const std::string& text : texts) {
      EventInput event;
      event.event_type = "Happened";
      event.data = text;
      event.metadata = text;
      input.events.push_back(event);
    }
    return now(store->append(input, call)).status();
  }

  void append_all(const Texts& texts) {
    constexpr std::size_t kAtOnce = 1000;
    for (std::span<const std::string> rest = texts; !rest.empty();) {
      const auto some = rest.first(std::min(kAtOnce, rest.size()));
      const Status status = append(some);
      ASSERT_TRUE(status.ok()) << status.error().message();
      rest = rest.subspan(some.size());
    }
  }

  // Data and metadata of every event, in order.
  std::vector<std::pair<std::string, std::string>> read_all() {
    std::vector<std::pair<std::string, std::string>> found;
    ReadOptions read;
    read.content = ES_CONTENT_ENVELOPE | ES_CONTENT_DATA;
    for (bool is_end = false; !is_end;) {
      const auto page = now(store->read_log(read, call));
      if (!page.ok()) {
        ADD_FAILURE() << page.error().message();
        break;
      }
      const Page& records = *page.value();
      for (std::size_t i = 0; const es_record* record = records.record(i); ++i) {
        EXPECT_EQ(record->flags & ES_RECORD_BROKEN_DOCUMENT, 0U);
        found.emplace_back(records.text(record->data).value_or(""), records.text(record->metadata).value_or(""));
      }
      read.after = records.header().scanned_through;
      is_end = (records.header().flags & ES_PAGE_END) != 0;
    }
    return found;
  }

  std::optional<PostgresSchema> schema;
  std::shared_ptr<Store> store;
  StreamName stream{"Order", {{1, 2, 3}}};
  CallOptions call;
};

TEST_F(JsonRoundTrip, OfJsonIsByteForByte) {
  ASSERT_NO_FATAL_FAILURE(open(""));
  const Texts texts = user_objects();
  ASSERT_GT(texts.size(), 5000U);
  ASSERT_NO_FATAL_FAILURE(append_all(texts));
  const auto found = read_all();
  ASSERT_EQ(found.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_TRUE(found[i].first == kept_data(texts[i])) << shown(texts[i]) << " -> " << shown(found[i].first);
    EXPECT_TRUE(found[i].second == trimmed(texts[i])) << shown(texts[i]) << " -> " << shown(found[i].second);
  }
}

TEST_F(JsonRoundTrip, OfJsonbKeepsTheValue) {
  ASSERT_NO_FATAL_FAILURE(open(python_tables()));
  const Texts texts = user_objects();
  ASSERT_NO_FATAL_FAILURE(append_all(texts));
  const auto found = read_all();
  ASSERT_EQ(found.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    SCOPED_TRACE(shown(texts[i]));
    const std::string value = json_value(texts[i]);
    EXPECT_TRUE(json_value(found[i].first) == value) << shown(found[i].first);
    EXPECT_TRUE(json_value(found[i].second) == value) << shown(found[i].second);
  }
}

// jsonb writes numbers out, and the server builds no text of more than 1 GB.
TEST_F(JsonRoundTrip, NumbersThatCouldNotBeReadAgainAreRefused) {
  ASSERT_NO_FATAL_FAILURE(open(python_tables()));
  const auto numbers = [](std::size_t count) { return "{\"a\":[" + repeat("1e131071,", count) + "0]}"; };
  const Texts small = {numbers(60)};
  ASSERT_TRUE(append(small).ok());
  const Texts large = {numbers(9000)};
  const Status status = append(large);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ES_LIMIT_EXCEEDED);
  const auto saved = now(store->save_snapshot(stream, 1, 1, numbers(9000), call));
  ASSERT_FALSE(saved.ok());
  EXPECT_EQ(saved.error().code(), ES_LIMIT_EXCEEDED);
  const auto found = read_all();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(json_value(found[0].first) == json_value(small[0]));
}

TEST_F(JsonRoundTrip, OfAStateIsByteForByte) {
  ASSERT_NO_FATAL_FAILURE(open(""));
  std::int64_t version = 0;
  for (const std::string& text : corpus()) {
    SCOPED_TRACE(shown(text));
    const auto saved = now(store->save_snapshot(stream, ++version, 1, text, call));
    ASSERT_EQ(saved.ok(), json::check_value(text).ok());
    if (!saved.ok()) continue;
    const auto loaded = now(store->load_snapshot(stream, call));
    ASSERT_TRUE(loaded.ok()) << loaded.error().message();
    ASSERT_EQ(loaded.value().version, version);
    EXPECT_TRUE(loaded.value().state == trimmed(text)) << shown(loaded.value().state);
  }
}

TEST_F(JsonRoundTrip, WhatIsRefusedLeavesNothingBehind) {
  ASSERT_NO_FATAL_FAILURE(open(""));
  for (const std::string& text : corpus()) {
    if (json::check_user_object(text).ok()) continue;
    const Texts between = {"{}", text, "{}"};
    const Status status = append(between);
    ASSERT_FALSE(status.ok()) << shown(text);
    EXPECT_EQ(status.error().code(), ES_INVALID_JSON) << shown(text);
  }
  EXPECT_EQ(now(store->count({}, call)).value(), 0);
}

}  // namespace
}  // namespace postgres_test
