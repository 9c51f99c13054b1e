// Ids, times and raw JSON.
#include <chrono>
#include <gtest/gtest.h>
#include <string>
#include <unordered_set>
#include <vector>

#include "eventsource/eventsource.hpp"

namespace eventsource {
namespace {

using std::chrono::microseconds;

TEST(UuidTest, GoesFromTextAndBack) {
  const auto id = Uuid::parse("441128E3EB395A2795004E8CB783F0BD");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->to_string(), "441128e3-eb39-5a27-9500-4e8cb783f0bd");
  EXPECT_EQ(id->bytes[0], 0x44);
  EXPECT_EQ(Uuid::parse(id->to_string()).value(), *id);
  EXPECT_EQ(Uuid::from_bytes(id->data()), *id);
  EXPECT_FALSE(id->is_nil());
  EXPECT_TRUE(Uuid().is_nil());
  EXPECT_LT(Uuid(), *id);
  EXPECT_EQ(Uuid::parse("no uuid").error().code(), ES_INVALID_ID);
}

TEST(UuidTest, NewIdsAreVersion7) {
  std::unordered_set<Uuid> all;
  for (int i = 0; i < 1000; ++i) {
    const Uuid id = Uuid::v7().value();
    EXPECT_EQ(id.bytes[6] >> 4, 7);
    EXPECT_EQ(id.bytes[8] >> 6, 2);
    EXPECT_TRUE(all.insert(id).second);
  }
}

TEST(TimeTest, GoesFromTextAndBack) {
  using namespace std::chrono_literals;
  const Time blizzard = std::chrono::sys_days(std::chrono::year(2013) / 2 / 8) + 9h + 53min + microseconds(1);
  EXPECT_EQ(format_time(blizzard).value(), "2013-02-08T09:53:00.000001Z");
  EXPECT_EQ(parse_time("2013-02-08T04:53:00.000001-05:00").value(), blizzard);
  EXPECT_EQ(to_micros(time_from_micros(-1)), -1);
  EXPECT_EQ(parse_time("yesterday").error().code(), ES_INVALID_TIME);
  EXPECT_EQ(format_time(Time::max()).error().code(), ES_INVALID_TIME);
}

TEST(MembersTest, GivesKeysAndValuesInPlace) {
  const std::string object = R"( {"a": 1.10 ,"b\n":{"c":[1,2]},"d":"x"} )";
  std::vector<std::pair<std::string, std::string>> seen;
  for (const Member& member : members(object)) {
    EXPECT_GE(member.value.data(), object.data());
    EXPECT_LT(member.value.data(), object.data() + object.size());
    seen.emplace_back(member.key, member.value);
  }
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"a", "1.10"}, {R"(b\n)", R"({"c":[1,2]})"}, {"d", R"("x")"}};
  EXPECT_EQ(seen, expected);
}

TEST(MembersTest, EndsWhereThereIsNone) {
  for (const std::string_view object : {"{}", " { } ", "", "[1]", "nonsense"}) {
    for (const Member& member : members(object)) ADD_FAILURE() << object << " has " << member.key;
  }
}

TEST(MembersTest, IsAForwardRange) {
  const Members all = members(R"({"a":1,"b":2})");
  auto first = all.begin();
  const auto kept = first++;
  EXPECT_EQ(kept->key, "a");
  EXPECT_EQ(first->key, "b");
  EXPECT_NE(kept, first);
  EXPECT_EQ(++first, all.end());
}

TEST(FilterTest, PartitionsAreThoseOfTheCFunction) {
  const Uuid id = Uuid::parse("441128e3-eb39-5a27-9500-4e8cb783f0bd").value();
  EXPECT_EQ(partition_of(id, 8), es_partition(id.data(), 8));
  EXPECT_EQ(partition_of(id, 0), -1);
}

TEST(ExpectedVersionTest, HasTheFourKinds) {
  EXPECT_EQ(ExpectedVersion::any().value(), -1);
  EXPECT_EQ(ExpectedVersion::no_stream().value(), 0);
  EXPECT_EQ(ExpectedVersion::stream_exists().value(), -2);
  EXPECT_EQ(ExpectedVersion::exact(7).value(), 7);
  EXPECT_EQ(ExpectedVersion::exact(0), ExpectedVersion::no_stream());
}

}  // namespace
}  // namespace eventsource
