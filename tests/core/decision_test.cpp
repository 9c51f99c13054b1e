// The decision table of append.h, cell by cell, as a pure function; vectors run the same cells through whole stores.
#include "core/backend/decision.hpp"

#include <gtest/gtest.h>

#include "eventsource/limits.h"

namespace eventsource::core {
namespace {

Uuid id(std::uint8_t last) {
  Uuid made;
  made.bytes[15] = last;
  return made;
}

// An append of events 1, 2, 3, … to stream "S" 1, and what the store knows.
struct Case {
  std::vector<StreamInput> streams{{{"S", id(1)}, ES_ANY}};
  PreparedAppend append;
  std::vector<StreamState> states{{0, std::nullopt, false}};
  std::vector<std::optional<KnownEvent>> known;

  Case& expect(std::int64_t version) {
    streams[0].expected_version = version;
    return *this;
  }
  Case& at(std::int64_t version, std::optional<Uuid> tenant = std::nullopt) {
    states[0] = {version, tenant, false};
    return *this;
  }
  Case& unknown(std::uint8_t event, std::optional<Uuid> tenant = std::nullopt, std::uint32_t stream = 0) {
    append.events.push_back({stream, id(event), "T", 0, tenant, std::nullopt, {}, {}, {}});
    known.emplace_back();
    return *this;
  }
  Case& known_at(std::uint8_t event, std::int64_t version, bool same_content = true, std::uint8_t in_stream = 1) {
    unknown(event);
    known.back() = KnownEvent{version * 10, version, "S", id(in_stream), same_content};
    return *this;
  }
  Case& skip() {
    append.skip_duplicates = true;
    return *this;
  }
  Result<Decision> run() {
    append.streams = streams;
    return decide(append, states, known);
  }
};

void expect_error(Result<Decision> result, es_status code, std::string_view reason = {}) {
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code(), code) << result.error().message();
  if (reason.empty()) return;
  bool found = false;
  for (const auto& detail : result.error().details()) {
    if (std::string_view(detail.key) == "reason") found = detail.value == reason;
  }
  EXPECT_TRUE(found) << result.error().message();
}

void expect_versions(const Result<Decision>& result, const std::vector<std::int64_t>& versions,
                     const std::vector<std::uint8_t>& known) {
  ASSERT_TRUE(result.ok()) << result.error().message();
  EXPECT_EQ(result.value().versions, versions);
  EXPECT_EQ(result.value().known, known);
}

TEST(Decision, UnknownIds) {
  expect_versions(Case().expect(0).unknown(1).unknown(2).run(), {1, 2}, {0, 0});
  expect_versions(Case().expect(5).at(5).unknown(1).run(), {6}, {0});
  expect_versions(Case().expect(ES_ANY).at(5).unknown(1).run(), {6}, {0});
  expect_versions(Case().expect(ES_STREAM_EXISTS).at(5).unknown(1).run(), {6}, {0});
  expect_error(Case().expect(4).at(5).unknown(1).run(), ES_VERSION_CONFLICT);
  expect_error(Case().expect(6).at(5).unknown(1).run(), ES_VERSION_CONFLICT);
  expect_error(Case().expect(ES_NO_STREAM).at(5).unknown(1).run(), ES_VERSION_CONFLICT);
  expect_error(Case().expect(ES_STREAM_EXISTS).at(0).unknown(1).run(), ES_VERSION_CONFLICT);
}

TEST(Decision, AllKnownGivesTheFirstResultWhateverTheVersion) {
  for (const std::int64_t expected : {std::int64_t{0}, std::int64_t{3}, std::int64_t{9}, std::int64_t{ES_ANY}}) {
    const auto result = Case().expect(expected).at(9).known_at(1, 4).known_at(2, 5).run();
    expect_versions(result, {4, 5}, {1, 1});
    EXPECT_FALSE(result.value().writes);
    EXPECT_EQ(result.value().positions, (std::vector<std::int64_t>{40, 50}));
    EXPECT_EQ(result.value().stream_versions, (std::vector<std::int64_t>{5}))
        << "the version at the time, not the head";
  }
}

TEST(Decision, AllKnownInAnotherOrderOrWithAGap) {
  expect_error(Case().expect(9).at(9).known_at(1, 5).known_at(2, 4).run(), ES_DUPLICATE_EVENT, "known");
  expect_error(Case().expect(9).at(9).known_at(1, 4).known_at(2, 6).run(), ES_DUPLICATE_EVENT, "known");
  expect_error(Case().expect(8).at(9).known_at(1, 4).known_at(2, 6).run(), ES_VERSION_CONFLICT);
  // With skip a repeated append has the same result, whatever the version is by now.
  expect_versions(Case().expect(8).at(9).known_at(1, 4).known_at(2, 6).skip().run(), {4, 6}, {1, 1});
}

TEST(Decision, SomeKnown) {
  for (const std::int64_t expected : {std::int64_t{5}, std::int64_t{ES_ANY}}) {
    expect_error(Case().expect(expected).at(5).known_at(1, 5).unknown(2).run(), ES_DUPLICATE_EVENT, "known");
    expect_versions(Case().expect(expected).at(5).known_at(1, 5).unknown(2).skip().run(), {5, 6}, {1, 0});
  }
  expect_error(Case().expect(4).at(5).known_at(1, 5).unknown(2).run(), ES_VERSION_CONFLICT);
  expect_error(Case().expect(4).at(5).known_at(1, 5).unknown(2).skip().run(), ES_VERSION_CONFLICT);
}

TEST(Decision, KnownElsewhereOrWithOtherContentIsAlwaysAnError) {
  for (const std::int64_t expected : {std::int64_t{5}, std::int64_t{4}, std::int64_t{ES_ANY}}) {
    for (const bool skip : {false, true}) {
      Case elsewhere;
      elsewhere.expect(expected).at(5).known_at(1, 2, true, 9).unknown(2).append.skip_duplicates = skip;
      expect_error(elsewhere.run(), ES_DUPLICATE_EVENT, "other_stream");
      Case other;
      other.expect(expected).at(5).known_at(1, 2, false).append.skip_duplicates = skip;
      expect_error(other.run(), ES_DUPLICATE_EVENT, "other_content");
    }
  }
}

TEST(Decision, AnIdTwiceInOneAppend) {
  expect_error(Case().unknown(1).unknown(1).run(), ES_DUPLICATE_EVENT, "known");
  const auto skipped = Case().unknown(1).unknown(2).unknown(1).skip().run();
  expect_versions(skipped, {1, 2, 1}, {0, 0, 1});
  Case other;
  other.unknown(1).unknown(1).skip();
  other.append.events[1].members = "\"a\":1";
  expect_error(other.run(), ES_DUPLICATE_EVENT, "other_content");
}

TEST(Decision, RepeatedIdsHaveThePositionOfTheFirst) {
  auto decision = Case().unknown(1).unknown(1).skip().run();
  ASSERT_TRUE(decision.ok());
  decision.value().positions[0] = 77;
  const AppendOutcome outcome = to_outcome(std::move(decision).value());
  EXPECT_EQ(outcome.positions, (std::vector<std::int64_t>{77, 77}));
}

TEST(Decision, TheFirstStreamWithAReasonIsReported) {
  Case both;
  both.streams.push_back({{"S", id(2)}, 0});
  both.states.push_back({3, std::nullopt, false});
  both.expect(7).at(5).unknown(1).unknown(2, std::nullopt, 1);
  auto result = both.run();
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.error().message().find(format_uuid(id(1))), std::string::npos) << result.error().message();
}

TEST(Decision, ATenantIsFixedByTheFirstEvent) {
  EXPECT_TRUE(Case().at(2, id(8)).unknown(1, id(8)).run().ok());
  expect_error(Case().at(2, id(8)).unknown(1, id(9)).run(), ES_WRONG_TENANT);
  expect_error(Case().at(2, id(8)).unknown(1).run(), ES_WRONG_TENANT);
  expect_error(Case().at(2).unknown(1, id(8)).run(), ES_WRONG_TENANT);
  expect_error(Case().unknown(1, id(8)).unknown(2, id(9)).run(), ES_WRONG_TENANT);
  EXPECT_TRUE(Case().unknown(1, id(8)).unknown(2, id(8)).run().ok());
  Case foreign;
  foreign.at(2).unknown(1).states[0].foreign_tenant = true;
  expect_error(foreign.run(), ES_WRONG_TENANT);
  // A nil tenant is a tenant.
  expect_error(Case().at(2).unknown(1, Uuid{}).run(), ES_WRONG_TENANT);
  // The first result does not look at tenants; a conflict and a duplicate come first.
  EXPECT_TRUE(Case().at(2, id(8)).known_at(1, 2).run().ok());
  expect_error(Case().expect(1).at(2, id(8)).unknown(1).run(), ES_VERSION_CONFLICT);
}

TEST(Decision, VersionsEndAtTheLargestNumberOfTheColumn) {
  EXPECT_TRUE(Case().at(ES_MAX_VERSION - 2).unknown(1).unknown(2).run().ok());
  expect_error(Case().at(ES_MAX_VERSION - 1).unknown(1).unknown(2).run(), ES_LIMIT_EXCEEDED);
}

TEST(Decision, WithoutLookUpsNothingIsTakenForKnown) {
  Case quick;
  quick.unknown(1).unknown(1);
  quick.known.clear();
  expect_versions(quick.run(), {1, 2}, {0, 0});
}

}  // namespace
}  // namespace eventsource::core
