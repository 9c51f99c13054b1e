// The pull reader over members: what it gives, and that garbage stops it within bounds.
#include <array>
#include <cstddef>
#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/json/members.hpp"
#include "core/base/json/scan.hpp"

namespace eventsource::core::json {
namespace {

using std::string_view_literals::operator""sv;
using Pairs = std::vector<std::pair<std::string, std::string>>;

// All members; every slice must lie where its offset says.
Pairs read_all(std::string_view object, bool& malformed) {
  // A heap block of exactly this size lets ASan see a read beyond it.
  const auto bytes = std::make_unique<char[]>(object.size());
  object.copy(bytes.get(), object.size());
  const std::string_view copy(bytes.get(), object.size());
  Pairs pairs;
  Members members(copy);
  std::size_t behind = 0;
  while (members.next()) {
    EXPECT_FALSE(members.malformed());
    EXPECT_GE(members.key_offset(), behind);
    EXPECT_EQ(copy.at(members.key_offset()), '"');
    EXPECT_EQ(copy.substr(members.key_offset() + 1, members.raw_key().size()), members.raw_key());
    EXPECT_EQ(copy.substr(members.value_offset(), members.raw_value().size()), members.raw_value());
    EXPECT_GT(members.value_offset(), members.key_offset() + members.raw_key().size() + 2);
    EXPECT_FALSE(members.raw_value().empty());
    behind = members.value_offset() + members.raw_value().size();
    EXPECT_LE(behind, copy.size());
    pairs.emplace_back(members.raw_key(), members.raw_value());
  }
  EXPECT_FALSE(members.next());
  malformed = members.malformed();
  return pairs;
}

void expect_members(std::string_view object, const Pairs& expected) {
  bool malformed = true;
  EXPECT_EQ(read_all(object, malformed), expected) << object;
  EXPECT_FALSE(malformed) << object;
}

TEST(JsonMembers, GivesKeysAndValuesAsTheyStand) {
  expect_members("{}", {});
  expect_members(" \n{ \t } ", {});
  expect_members(R"({"a":1})", {{"a", "1"}});
  expect_members(R"({"":""})", {{"", "\"\""}});
  expect_members(R"( { "a" : 1e2 , "b":1.10,"c": 12345678901234567890, "d":-0 } )",
                 {{"a", "1e2"}, {"b", "1.10"}, {"c", "12345678901234567890"}, {"d", "-0"}});
  expect_members(R"({"a\u0041\"":"x\"y\\","b":null,"c":true,"d":false})",
                 {{R"(a\u0041\")", R"("x\"y\\")"}, {"b", "null"}, {"c", "true"}, {"d", "false"}});
  expect_members(R"({"o":{ "x" : [ 1 , "]}\"" ] },"l":[ {}, [ ] ],"z":1E+5})",
                 {{"o", R"({ "x" : [ 1 , "]}\"" ] })"}, {"l", "[ {}, [ ] ]"}, {"z", "1E+5"}});
  expect_members("{\"\xC3\xA9\":\"\xE6\x97\xA5\xE6\x9C\xAC\"}", {{"\xC3\xA9", "\"\xE6\x97\xA5\xE6\x9C\xAC\""}});
}

TEST(JsonMembers, GivesEqualKeysAsOftenAsTheyCome) {
  expect_members(R"({"a":1,"a":2})", {{"a", "1"}, {"a", "2"}});
}

TEST(JsonMembers, NestingCostsNoStack) {
  std::string deep(1000000, '[');
  deep += std::string(1000000, ']');
  expect_members("{\"a\":" + deep + "}", {{"a", deep}});
}

TEST(JsonMembers, GarbageIsReported) {
  constexpr std::array kGarbage = {""sv,           " "sv,          "["sv,          "[]"sv,           "1"sv,
                                   "{"sv,          "{\""sv,        "{\"a"sv,       "{\"a\""sv,       "{\"a\":"sv,
                                   "{\"a\":}"sv,   "{\"a\":1"sv,   "{\"a\":1,"sv,  "{\"a\":1,}"sv,   "{,}"sv,
                                   "{a:1}"sv,      "{\"a\" 1}"sv,  "{\"a\":\""sv,  "{\"a\":\"\\"sv,  "{\"a\":\"\\\""sv,
                                   "{\"a\":[}"sv,  "{\"a\":[1"sv,  "{\"a\":{"sv,   "{\"a\":[\"]}"sv, "{\"a\":1 2}"sv,
                                   "{\"a\":1}x"sv, "{}{}"sv,       "{\"a\\"sv,     "{\"a\":\x80}"sv, "\xEF\xBB\xBF{}"sv,
                                   "{\"a\":,}"sv,  "{\"a\"::1}"sv, "{\"a\":1;}"sv, "{\0}"sv};
  for (const std::string_view object : kGarbage) {
    bool malformed = false;
    static_cast<void>(read_all(object, malformed));
    EXPECT_TRUE(malformed) << object;
  }
}

TEST(JsonMembers, GivesWhatStandsBeforeGarbage) {
  bool malformed = false;
  EXPECT_EQ(read_all(R"({"a":1,"b":[2],oops)", malformed), (Pairs{{"a", "1"}, {"b", "[2]"}}));
  EXPECT_TRUE(malformed);
}

TEST(JsonMembers, RestIsTheSuffixBehindTheComma) {
  Members members(" {\"a\":1,\"m\":{} ,  \"x\" : 1 ,\"y\":\"}\"\t} \n");
  EXPECT_EQ(members.rest(), "");
  ASSERT_TRUE(members.next());
  EXPECT_EQ(members.rest(), "\"m\":{} ,  \"x\" : 1 ,\"y\":\"}\"\t");
  ASSERT_TRUE(members.next());
  EXPECT_EQ(members.rest(), "  \"x\" : 1 ,\"y\":\"}\"\t");
  ASSERT_TRUE(members.next());
  EXPECT_EQ(members.rest(), "\"y\":\"}\"\t");
  ASSERT_TRUE(members.next());
  EXPECT_EQ(members.rest(), "");
  ASSERT_FALSE(members.next());
  EXPECT_EQ(members.rest(), "");
}

TEST(JsonMembers, RestOfGarbageStaysInside) {
  for (const std::string_view object :
       {"{\"a\":1"sv, "{\"a\":1,"sv, "{\"a\":1,,"sv, "{\"a\":1x}"sv, "{\"a\":1 , "sv, "{\"a\":[1,2],]"sv}) {
    Members members(object);
    ASSERT_TRUE(members.next()) << object;
    EXPECT_EQ(members.rest(), "") << object;
  }
  Members members("{\"a\":1,}");
  ASSERT_TRUE(members.next());
  EXPECT_EQ(members.rest(), "");
}

TEST(JsonMembers, RandomBytesNeverLeadOutOfBounds) {
  constexpr std::string_view kBytes = "\"\"\"\\{}[]:,,:a10- \n\x80tn\0"sv;
  std::mt19937 random(7);
  std::size_t whole = 0;
  for (int round = 0; round < 50000; ++round) {
    std::string object = "{\"a\":1,\"b\":[{\"c\":\"d\"}],\"e\":\"\\\"\"}";
    for (std::size_t edits = random() % 4; edits > 0; --edits) {
      object[random() % object.size()] = kBytes[random() % kBytes.size()];
    }
    if (random() % 4 == 0) object.resize(random() % object.size());
    bool malformed = false;
    static_cast<void>(read_all(object, malformed));
    if (check_object(object).ok()) {
      EXPECT_FALSE(malformed) << object;
      ++whole;
    }
  }
  EXPECT_GT(whole, 1000U);
}

}  // namespace
}  // namespace eventsource::core::json
