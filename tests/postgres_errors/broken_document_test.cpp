// Rows that somebody else wrote, with documents that are none: they are read and marked, and so are those around them.
#include <cstdio>
#include <cstdlib>

#include "tests/postgres_errors/trouble.hpp"

namespace eventsource::test {
namespace {

struct Broken {
  const char* name;
  const char* payload;
};

constexpr Broken kBroken[] = {
    {"array", "[]"},
    {"text", "\"x\""},
    {"number", "7"},
    {"null", "null"},
    {"version as text", R"({"event_version": "one"})"},
    {"correlation that is no id", R"({"event_version": 1, "correlation_id": "me"})"},
    {"metadata that is no object", R"({"event_version": 1, "metadata": []})"},
};

class BrokenDocument : public StoreTest, public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    make_tables();
    if (GetParam() == std::string_view("jsonb")) sql().run("alter table events alter column payload type jsonb");
  }

  void insert(std::uint32_t n, const std::string& payload) {
    const std::string id = "('00000000-0000-0000-0000-' || lpad(to_hex(" + std::to_string(n) + "), 12, '0'))::uuid";
    sql().run(
        "insert into events (event_id, aggregate_id, aggregate_type, event_type, version, timestamp, payload) values "
        "(" +
        id + ", " + id + ", 'Thing', 'Foreign', 1, now(), '" + payload + "')");
  }
};

TEST_P(BrokenDocument, IsMarkedAndTheOthersAreRead) {
  const Store store = Store::open(url()).value();
  std::uint32_t n = 0;
  ASSERT_TRUE(append_one(store, ++n).ok());
  for (const Broken& broken : kBroken) {
    insert(++n, broken.payload);
    ASSERT_TRUE(append_one(store, ++n).ok());
  }
  const auto page = store.read_log({.content = Content::kDocument | Content::kEnvelope | Content::kData});
  ASSERT_TRUE(page.ok()) << page.error().message();
  ASSERT_EQ(page->size(), n);
  for (std::uint32_t i = 0; i < n; ++i) {
    const Event event = (*page)[i];
    const bool is_broken = i % 2 == 1;
    SCOPED_TRACE(is_broken ? kBroken[i / 2].name : "ours");
    EXPECT_EQ(event.id(), numbered(i + 1));
    EXPECT_EQ((event.flags() & ES_RECORD_BROKEN_DOCUMENT) != 0, is_broken) << event.document();
    if (is_broken) {
      EXPECT_EQ(event.type(), "Foreign");
      EXPECT_FALSE(event.document().empty());
    } else {
      EXPECT_NE(event.data().find("\"n\":"), std::string_view::npos) << event.data();
    }
  }
  EXPECT_EQ(store.event(numbered(2)).value().size(), 1U);
  EXPECT_EQ(store.read_stream("Thing", numbered(2)).value().size(), 1U);
}

// What a document of somebody else's need not have.
TEST_P(BrokenDocument, OneWithoutAnEnvelopeIsNotBroken) {
  insert(1, "{}");
  insert(2, R"({"customer": "ann"})");
  const Store store = Store::open(url()).value();
  const auto page = store.read_log({.content = Content::kEnvelope | Content::kData});
  ASSERT_TRUE(page.ok()) << page.error().message();
  ASSERT_EQ(page->size(), 2U);
  for (const Event& event : *page) {
    EXPECT_EQ(event.flags() & ES_RECORD_BROKEN_DOCUMENT, 0U) << event.data();
    EXPECT_EQ(event.event_version(), 1);
  }
}

// The id of a broken event is known all the same.
TEST_P(BrokenDocument, ItsIdIsADuplicate) {
  insert(1, "[]");
  const Store store = Store::open(url()).value();
  const auto again = append_one(store, 1);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code(), ES_DUPLICATE_EVENT) << again.error().message();
  EXPECT_EQ(stored(), 1);
}

TEST_P(BrokenDocument, IsNamedByVerify) {
  const char* const program = std::getenv("EVENTSOURCE_PROGRAM");
  if (program == nullptr) GTEST_SKIP() << "there is no program";
  {
    const Store store = Store::open(url()).value();
    ASSERT_TRUE(append_one(store, 1).ok());
  }
  insert(2, "[]");
  const std::string command = std::string(program) + " verify --store '" + url() + "' 2>&1";
  std::FILE* const output = popen(command.c_str(), "r");
  ASSERT_NE(output, nullptr);
  std::string text;
  for (int c = 0; (c = std::getc(output)) != EOF;) text += static_cast<char>(c);
  EXPECT_NE(pclose(output), 0) << text;
  EXPECT_NE(text.find("00000000-0000-0000-0000-000000000002"), std::string::npos) << text;
  EXPECT_EQ(text.find("00000000-0000-0000-0000-000000000001"), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(As, BrokenDocument, testing::Values("json", "jsonb"),
                         [](const auto& type) { return std::string(type.param); });

}  // namespace
}  // namespace eventsource::test
