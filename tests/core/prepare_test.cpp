// What an append accepts and what it fills in, without a database.
#include "core/store/prepare.hpp"

#include <gtest/gtest.h>

#include "core/base/time_text.hpp"
#include "tests/core/fake_environment.hpp"

namespace eventsource::core {
namespace {

Uuid id(std::uint8_t last) {
  Uuid made;
  made.bytes[15] = last;
  return made;
}

// One good event, to be spoiled.
AppendInput good() {
  AppendInput input;
  input.streams.push_back({{"Order", id(1)}, ES_ANY});
  EventInput event;
  event.event_type = "Placed";
  event.data = R"({"a":1})";
  input.events.push_back(event);
  return input;
}

std::string detail(const Error& error, std::string_view key) {
  for (const auto& found : error.details()) {
    if (found.key == key) return found.value;
  }
  return "(none)";
}

class Prepare : public testing::Test {
 protected:
  void refuse(const AppendInput& input, es_status code, const std::string& field) {
    const auto result = prepare(input, settings, environment);
    ASSERT_FALSE(result.ok()) << field;
    EXPECT_EQ(result.error().code(), code) << result.error().message();
    EXPECT_EQ(detail(result.error(), "field"), field) << result.error().message();
  }

  Settings settings;
  FakeEnvironment environment;
};

TEST_F(Prepare, FillsInTheDefaults) {
  const auto input = good();
  const auto result = prepare(input, settings, environment);
  ASSERT_TRUE(result.ok());
  const PreparedEvent& event = result.value().events.front();
  EXPECT_EQ(event.occurred_at, environment.wall);
  EXPECT_EQ(result.value().stored_at, environment.wall);
  EXPECT_EQ(event.event_id.bytes[6] >> 4, 7) << "a UUIDv7";
  const std::string document = std::string(event.head) + "1" + std::string(event.tail);
  const std::string own = format_uuid(event.event_id);
  EXPECT_NE(document.find("\"correlation_id\":\"" + own + "\""), std::string::npos);
  EXPECT_NE(document.find(R"("event_version":1,)"), std::string::npos);
  EXPECT_EQ(event.members, R"("a":1)");
}

TEST_F(Prepare, DrawnIdsRiseInTheCallersOrder) {
  AppendInput input = good();
  for (int i = 0; i < 100; ++i) input.events.push_back(input.events.front());
  const auto result = prepare(input, settings, environment);
  ASSERT_TRUE(result.ok());
  for (std::size_t i = 1; i < result.value().events.size(); ++i) {
    EXPECT_LT(result.value().events[i - 1].event_id, result.value().events[i].event_id);
  }
}

TEST_F(Prepare, RefusesWhatTheFormatRefuses) {
  AppendInput input = good();
  input.streams[0].name.aggregate_type = "";
  refuse(input, ES_INVALID_NAME, "aggregate_type");
  input = good();
  input.streams[0].name.aggregate_id = {};
  refuse(input, ES_INVALID_ID, "aggregate_id");
  input = good();
  input.streams[0].expected_version = -3;
  refuse(input, ES_INVALID_ARGUMENT, "expected_version");
  input = good();
  input.streams[0].expected_version = std::int64_t{ES_MAX_VERSION} + 1;
  refuse(input, ES_INVALID_ARGUMENT, "expected_version");

  const auto event_with = [](auto&& change) {
    AppendInput changed = good();
    change(changed.events[0]);
    return changed;
  };
  refuse(event_with([](EventInput& e) { e.event_type = ""; }), ES_INVALID_NAME, "event_type");
  refuse(event_with([](EventInput& e) { e.event_type = "\xff"; }), ES_INVALID_NAME, "event_type");
  refuse(event_with([](EventInput& e) { e.event_type = std::string_view("a\0b", 3); }), ES_INVALID_NAME, "event_type");
  refuse(event_with([](EventInput& e) { e.event_id = Uuid{}; }), ES_INVALID_ID, "event_id");
  refuse(event_with([](EventInput& e) { e.event_version = 0; }), ES_INVALID_ARGUMENT, "event_version");
  refuse(event_with([](EventInput& e) { e.occurred_at = kTimeMax + 1; }), ES_INVALID_TIME, "occurred_at");
  refuse(event_with([](EventInput& e) { e.occurred_at = kTimeMin - 1; }), ES_INVALID_TIME, "occurred_at");
  refuse(event_with([](EventInput& e) { e.data = "[]"; }), ES_INVALID_JSON, "data");
  refuse(event_with([](EventInput& e) { e.data = R"({"event_id":1})"; }), ES_INVALID_JSON, "data");
  refuse(event_with([](EventInput& e) { e.metadata = "[]"; }), ES_INVALID_JSON, "metadata");
  refuse(event_with([](EventInput& e) { e.metadata = " "; }), ES_INVALID_JSON, "metadata");

  const std::string long_name(256, 'x');
  refuse(event_with([&](EventInput& e) { e.actor_id = long_name; }), ES_INVALID_NAME, "actor_id");
}

TEST_F(Prepare, CountsNamesInCodePoints) {
  std::string name;
  for (int i = 0; i < 255; ++i) name += "\xf0\x9f\x90\x98";  // an elephant of four bytes
  AppendInput input = good();
  input.events[0].event_type = name;
  EXPECT_TRUE(prepare(input, settings, environment).ok());
  name += "x";
  input.events[0].event_type = name;
  refuse(input, ES_INVALID_NAME, "event_type");
}

TEST_F(Prepare, SaysWhichEventAndWhere) {
  AppendInput input = good();
  input.events.push_back(input.events.front());
  input.events[1].data = R"({"a":tru})";
  const auto result = prepare(input, settings, environment);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(detail(result.error(), "event_index"), "1");
  EXPECT_EQ(detail(result.error(), "offset"), "8");
}

TEST_F(Prepare, AStreamWithoutAnEventIsAnError) {
  AppendInput input = good();
  input.streams.push_back({{"Order", id(2)}, 5});
  const auto result = prepare(input, settings, environment);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code(), ES_INVALID_ARGUMENT);
  EXPECT_EQ(detail(result.error(), "aggregate_id"), format_uuid(id(2)));
}

TEST_F(Prepare, KeepsTheLimits) {
  AppendInput input = good();
  settings.max_append_events = 2;
  input.events.resize(3, input.events.front());
  auto result = prepare(input, settings, environment);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code(), ES_LIMIT_EXCEEDED);
  EXPECT_EQ(detail(result.error(), "limit"), "2");

  settings.max_append_events = 10;
  settings.max_event_bytes = 1024;
  std::string data = R"({"a":")" + std::string(400, 'x') + "\"}";
  input = good();
  input.events[0].data = data;
  result = prepare(input, settings, environment);
  ASSERT_TRUE(result.ok()) << result.error().message();
  const PreparedEvent& event = result.value().events.front();
  const std::size_t room = 1024 - (event.head.size() + event.tail.size() + 10);
  data = R"({"a":")" + std::string(400 + room, 'x') + "\"}";
  input.events[0].data = data;
  EXPECT_TRUE(prepare(input, settings, environment).ok());
  data = R"({"a":")" + std::string(401 + room, 'x') + "\"}";
  input.events[0].data = data;
  refuse(input, ES_LIMIT_EXCEEDED, "document");
}

TEST_F(Prepare, AStateIsAnyValueWithoutTheSpaceAroundIt) {
  EXPECT_EQ(check_state(" \n[1, 2] \t", settings).value(), "[1, 2]");
  EXPECT_EQ(check_state("null", settings).value(), "null");
  EXPECT_FALSE(check_state("", settings).ok());
  EXPECT_FALSE(check_state("{]", settings).ok());
}

}  // namespace
}  // namespace eventsource::core
