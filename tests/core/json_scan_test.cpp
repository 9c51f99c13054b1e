// What the scan accepts and refuses, with the fault and its offset.
#include <array>
#include <cstddef>
#include <gtest/gtest.h>
#include <memory>
#include <ostream>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json/scan.hpp"

namespace eventsource::core::json {
namespace {

using std::string_view_literals::operator""sv;

// The text in a heap block of exactly its size, so that ASan sees a read beyond it.
class Exact {
 public:
  explicit Exact(std::string_view text) : bytes_(std::make_unique<char[]>(text.size())), size_(text.size()) {
    text.copy(bytes_.get(), size_);
  }
  [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_;
};

std::string repeat(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

std::string shown(std::string_view text) {
  return text.size() <= 80 ? std::string(text) : std::string(text.substr(0, 80)) + "...";
}

void expect_accepted(std::string_view json) {
  const Verdict verdict = check_value(Exact(json).view());
  EXPECT_TRUE(verdict.ok()) << shown(json) << ": " << describe(verdict.fault) << " at " << verdict.offset;
  EXPECT_EQ(verdict.offset, 0U);
}

void expect_fault(Verdict verdict, Fault fault, std::size_t offset, std::string_view json) {
  EXPECT_EQ(describe(verdict.fault), describe(fault)) << shown(json);
  EXPECT_EQ(verdict.offset, offset) << shown(json);
}

void expect_refused(std::string_view json, Fault fault, std::size_t offset) {
  expect_fault(check_value(Exact(json).view()), fault, offset, json);
}

TEST(JsonScan, AcceptsEveryKindOfValue) {
  constexpr std::array kAccepted = {
      "null"sv,
      "true"sv,
      "false"sv,
      "\"\""sv,
      "\"text\""sv,
      "0"sv,
      "-0"sv,
      "-1"sv,
      "10"sv,
      "1e2"sv,
      "1E+2"sv,
      "1.10"sv,
      "0.0e-0"sv,
      "1e00002"sv,
      "12345678901234567890"sv,
      "-0.1e-12"sv,
      "[]"sv,
      "[ ]"sv,
      "{}"sv,
      "{ }"sv,
      "[1,\"a\",null,[[]],{}]"sv,
      "{\"\":0}"sv,
      "{\"a\":{\"a\":{\"a\":[]}}}"sv,
      "[{\"a\":1},{\"a\":1}]"sv,
      " \t\r\n{ \"a\" :\t[ 1 ,\n2 ] ,\r\"b\" : { } } \n"sv,
      "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""sv,
      "\"\\u0001\\u00e9\\uFFFF\\uabCD\""sv,
      "\"\\ud83d\\ude00\""sv,
      "\"\\uDBFF\\uDFFF\""sv,
      "\"\x7f\""sv,
      "\"\xC2\x80\xDF\xBF\""sv,
      "\"\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF\""sv,
      "\"\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\""sv,
      "\"\xEF\xBB\xBF\""sv,
      "{\"event_id\":1,\"metadata\":2}"sv,
  };
  for (const std::string_view json : kAccepted) expect_accepted(json);
}

TEST(JsonScan, RefusesTextsThatStopEarlyAtTheirEnd) {
  constexpr std::array kCut = {
      "["sv,  "{"sv,     "[1"sv,   "[1,"sv,   "{\"a\""sv,  "{\"a\":"sv,    "{\"a\":1"sv,    "{\"a\":1,"sv,
      "\""sv, "\"abc"sv, "\"\\"sv, "\"\\u"sv, "\"\\u12"sv, "\"\\u1234"sv,  "t"sv,           "nul"sv,
      "-"sv,  "1."sv,    "1e"sv,   "1e+"sv,   "[[[[\"a"sv, "\"\xC3\xA9"sv, "[true, fals"sv,
  };
  for (const std::string_view json : kCut) expect_refused(json, Fault::kSyntax, json.size());
}

struct Refused {
  std::string_view json;
  Fault fault;
  std::size_t offset;
};

std::ostream& operator<<(std::ostream& out, const Refused& refused) {
  return out << refused.json;
}

class JsonScanRefuses : public testing::TestWithParam<Refused> {};

TEST_P(JsonScanRefuses, WithFaultAndOffset) {
  expect_refused(GetParam().json, GetParam().fault, GetParam().offset);
}

INSTANTIATE_TEST_SUITE_P(
    Grammar, JsonScanRefuses,
    testing::Values(Refused{""sv, Fault::kEmpty, 0}, Refused{" \n\t\r"sv, Fault::kEmpty, 4},
                    Refused{"\xEF\xBB\xBF{}"sv, Fault::kBom, 0}, Refused{"\xEF\xBB\xBF"sv, Fault::kBom, 0},
                    Refused{" \xEF\xBB\xBF{}"sv, Fault::kSyntax, 1}, Refused{"[,1]"sv, Fault::kSyntax, 1},
                    Refused{"[1,]"sv, Fault::kSyntax, 3}, Refused{"[1 2]"sv, Fault::kSyntax, 3},
                    Refused{"[1,,2]"sv, Fault::kSyntax, 3}, Refused{"{\"a\":1,}"sv, Fault::kSyntax, 7},
                    Refused{"{,}"sv, Fault::kSyntax, 1}, Refused{"{\"a\" 1}"sv, Fault::kSyntax, 5},
                    Refused{"{\"a\":}"sv, Fault::kSyntax, 5}, Refused{"{\"a\"}"sv, Fault::kSyntax, 4},
                    Refused{"{a:1}"sv, Fault::kSyntax, 1}, Refused{"{'a':1}"sv, Fault::kSyntax, 1},
                    Refused{"{1:1}"sv, Fault::kSyntax, 1}, Refused{"{\"a\":1 \"b\":2}"sv, Fault::kSyntax, 7},
                    Refused{"[}"sv, Fault::kSyntax, 1}, Refused{"{]"sv, Fault::kSyntax, 1},
                    Refused{"[1}"sv, Fault::kSyntax, 2}, Refused{"{\"a\":[1}"sv, Fault::kSyntax, 7},
                    Refused{"]"sv, Fault::kSyntax, 0}, Refused{"/*c*/1"sv, Fault::kSyntax, 0},
                    Refused{"NaN"sv, Fault::kSyntax, 0}, Refused{"Infinity"sv, Fault::kSyntax, 0},
                    Refused{"-Infinity"sv, Fault::kSyntax, 1}, Refused{"True"sv, Fault::kSyntax, 0},
                    Refused{"trUe"sv, Fault::kSyntax, 2}, Refused{"[nulL]"sv, Fault::kSyntax, 4},
                    Refused{"[truex]"sv, Fault::kSyntax, 5}, Refused{"\v1"sv, Fault::kSyntax, 0},
                    Refused{"\f1"sv, Fault::kSyntax, 0}, Refused{"\xC2\xA0 1"sv, Fault::kSyntax, 0},
                    Refused{"\0"sv, Fault::kSyntax, 0}, Refused{"+1"sv, Fault::kSyntax, 0},
                    Refused{".5"sv, Fault::kSyntax, 0}, Refused{"[1.]"sv, Fault::kSyntax, 3},
                    Refused{"[1.e1]"sv, Fault::kSyntax, 3}, Refused{"[01]"sv, Fault::kSyntax, 2},
                    Refused{"[-01]"sv, Fault::kSyntax, 3}, Refused{"[--1]"sv, Fault::kSyntax, 2},
                    Refused{"[1e]"sv, Fault::kSyntax, 3}, Refused{"[1e+-1]"sv, Fault::kSyntax, 4},
                    Refused{"[1_0]"sv, Fault::kSyntax, 2}, Refused{"[0x10]"sv, Fault::kSyntax, 2},
                    Refused{"[1e1.5]"sv, Fault::kSyntax, 4}, Refused{"\"\\x41\""sv, Fault::kSyntax, 2},
                    Refused{"\"\\'\""sv, Fault::kSyntax, 2}, Refused{"\"\\U0041\""sv, Fault::kSyntax, 2},
                    Refused{"\"\\u00g1\""sv, Fault::kSyntax, 5}, Refused{"\"\\u 041\""sv, Fault::kSyntax, 3},
                    Refused{"\"\\u+041\""sv, Fault::kSyntax, 3}, Refused{"\"\\\0\""sv, Fault::kSyntax, 2}));

INSTANTIATE_TEST_SUITE_P(
    Trailing, JsonScanRefuses,
    testing::Values(Refused{"{} {}"sv, Fault::kTrailingBytes, 3}, Refused{"1 2"sv, Fault::kTrailingBytes, 2},
                    Refused{"01"sv, Fault::kTrailingBytes, 1}, Refused{"[]]"sv, Fault::kTrailingBytes, 2},
                    Refused{"\"a\"\"b\""sv, Fault::kTrailingBytes, 3}, Refused{"truex"sv, Fault::kTrailingBytes, 4},
                    Refused{"{}\0"sv, Fault::kTrailingBytes, 2},
                    Refused{"{}\xEF\xBB\xBF"sv, Fault::kTrailingBytes, 2}));

INSTANTIATE_TEST_SUITE_P(Strings, JsonScanRefuses,
                         testing::Values(Refused{"\"a\nb\""sv, Fault::kControlCharacter, 2},
                                         Refused{"\"\t\""sv, Fault::kControlCharacter, 1},
                                         Refused{"\"\0\""sv, Fault::kControlCharacter, 1},
                                         Refused{"\"abcdefghij\x1f\""sv, Fault::kControlCharacter, 11},
                                         Refused{"{\"a\rb\":1}"sv, Fault::kControlCharacter, 3},
                                         Refused{"\"\\u0000\""sv, Fault::kNulCharacter, 1},
                                         Refused{"{\"ab\\u0000\":1}"sv, Fault::kNulCharacter, 4},
                                         Refused{"\"\\ud800\""sv, Fault::kLoneSurrogate, 1},
                                         Refused{"\"a\\udc00\""sv, Fault::kLoneSurrogate, 2},
                                         Refused{"\"\\ude00\\ud83d\""sv, Fault::kLoneSurrogate, 1},
                                         Refused{"\"\\ud83d\\ud83d\\ude00\""sv, Fault::kLoneSurrogate, 1},
                                         Refused{"\"\\ud83dx\\ude00\""sv, Fault::kLoneSurrogate, 1},
                                         Refused{"\"\\ud83d\\n\\ude00\""sv, Fault::kLoneSurrogate, 1},
                                         Refused{"\"\\ud83d\\u0041\""sv, Fault::kLoneSurrogate, 1},
                                         Refused{"\"\\ud83d\\ude00\\ude00\""sv, Fault::kLoneSurrogate, 13},
                                         Refused{"{\"\\udfff\":1}"sv, Fault::kLoneSurrogate, 2}));

INSTANTIATE_TEST_SUITE_P(
    Utf8, JsonScanRefuses,
    testing::Values(Refused{"\"\x80\""sv, Fault::kUtf8, 1}, Refused{"\"\xFF\""sv, Fault::kUtf8, 1},
                    Refused{"\"a\xC3\""sv, Fault::kUtf8, 2}, Refused{"\"\xC0\x80\""sv, Fault::kUtf8, 1},
                    Refused{"\"\xC1\xBF\""sv, Fault::kUtf8, 1}, Refused{"\"\xE0\x9F\xBF\""sv, Fault::kUtf8, 1},
                    Refused{"\"\xED\xA0\x80\""sv, Fault::kUtf8, 1}, Refused{"\"\xED\xBF\xBF\""sv, Fault::kUtf8, 1},
                    Refused{"\"\xF0\x8F\xBF\xBF\""sv, Fault::kUtf8, 1},
                    Refused{"\"\xF4\x90\x80\x80\""sv, Fault::kUtf8, 1},
                    Refused{"\"\xF5\x80\x80\x80\""sv, Fault::kUtf8, 1}, Refused{"\"\xE2\x82\""sv, Fault::kUtf8, 1},
                    Refused{"\"\xC3\xA9\xC3\xA9\xE2\x82"sv, Fault::kUtf8, 5},
                    Refused{"{\"\xC3\":1}"sv, Fault::kUtf8, 2}));

INSTANTIATE_TEST_SUITE_P(
    Keys, JsonScanRefuses,
    testing::Values(Refused{"{\"a\":1,\"a\":1}"sv, Fault::kDuplicateKey, 7},
                    Refused{"{\"\":1,\"\":2}"sv, Fault::kDuplicateKey, 6},
                    Refused{"[0,{\"b\":{\"a\":1, \"a\":2}}]"sv, Fault::kDuplicateKey, 16},
                    Refused{"{\"a\":{\"b\":[{\"a\":0}]},\"c\":3,\"a\":4}"sv, Fault::kDuplicateKey, 27},
                    Refused{"{\"a\":1,\"\\u0061\":1}"sv, Fault::kDuplicateKey, 7},
                    Refused{"{\"\\u0061\":1,\"a\":1}"sv, Fault::kDuplicateKey, 12},
                    Refused{"{\"\\u002f\":1,\"\\/\":1}"sv, Fault::kDuplicateKey, 12},
                    Refused{"{\"\xC3\xA9\":1,\"\\u00E9\":1}"sv, Fault::kDuplicateKey, 8},
                    Refused{"{\"\xF0\x9F\x98\x80\":1,\"\\ud83d\\ude00\":1}"sv, Fault::kDuplicateKey, 10},
                    // The first fault decides.
                    Refused{"{\"a\":1,\"a\":01}"sv, Fault::kDuplicateKey, 7},
                    Refused{"{\"a\":01,\"a\":1}"sv, Fault::kSyntax, 6}));

TEST(JsonScan, EqualKeysInDifferentObjectsAreNoDuplicates) {
  expect_accepted(R"({"a":{"a":1,"b":{"a":1}},"b":{"a":1,"b":2},"c":[{"a":1},{"a":2}]})");
  expect_accepted(R"({"a":1,"A":2,"a ":3,"aa":4,"\\u0061":5})");
}

TEST(JsonScan, ObjectsAreCheckedForTheirKind) {
  for (const std::string_view json : {"[1]"sv, "1"sv, "\"{}\""sv, "null"sv, "x"sv}) {
    const std::string text = "  " + std::string(json);
    expect_fault(check_object(text), Fault::kNotAnObject, 2, text);
    expect_fault(check_user_object(text), Fault::kNotAnObject, 2, text);
  }
  EXPECT_TRUE(check_object(" {} ").ok());
  EXPECT_TRUE(check_user_object("{\"a\":[1]}").ok());
  expect_fault(check_object(""), Fault::kEmpty, 0, "");
  expect_fault(check_user_object("{} x"), Fault::kTrailingBytes, 3, "{} x");
}

constexpr std::array kEnvelopeKeys = {"event_id"sv,     "event_type"sv,     "event_version"sv,     "occurred_at"sv,
                                      "aggregate_id"sv, "aggregate_type"sv, "aggregate_version"sv, "tenant_id"sv,
                                      "actor_id"sv,     "correlation_id"sv, "causation_id"sv,      "metadata"sv};

TEST(JsonScan, UserDataMayNotNameEnvelopeKeys) {
  for (const std::string_view key : kEnvelopeKeys) {
    EXPECT_TRUE(is_envelope_key(key)) << key;
    const std::string name(key);
    const std::string plain = "{\"x\":0, \"" + name + "\":1}";
    expect_fault(check_user_object(plain), Fault::kReservedKey, 8, plain);
    EXPECT_TRUE(check_object(plain).ok()) << plain;

    static constexpr char kHex[] = "0123456789abcdef";
    const auto first = static_cast<unsigned char>(key.front());
    const std::string escaped =
        std::string("{\"\\u00") + kHex[first >> 4U] + kHex[first & 0xFU] + name.substr(1) + "\":1}";
    expect_fault(check_user_object(escaped), Fault::kReservedKey, 1, escaped);

    EXPECT_TRUE(check_user_object("{\"a\":{\"" + name + "\":1}}").ok()) << key;
    EXPECT_TRUE(check_user_object("{\"a\":[{\"" + name + "\":1}]}").ok()) << key;
    for (const std::string& other :
         {name + "s", "_" + name, name.substr(1), std::string(1, static_cast<char>(first - 32)) + name.substr(1)}) {
      EXPECT_FALSE(is_envelope_key(other)) << other;
      EXPECT_TRUE(check_user_object("{\"" + other + "\":1}").ok()) << other;
    }
  }
  EXPECT_TRUE(check_user_object(R"({"a":"event_id"})").ok());
}

TEST(JsonScan, NestsToTheLimitAndNoFurther) {
  const std::string deepest = repeat("[", 512) + repeat("]", 512);
  expect_accepted(deepest);
  expect_refused("[" + deepest + "]", Fault::kTooDeep, 512);
  expect_refused(repeat("[", 513), Fault::kTooDeep, 512);
  expect_refused(repeat("[", 100000), Fault::kTooDeep, 512);

  const std::string objects = repeat("{\"a\":", 511) + "{}" + repeat("}", 511);
  EXPECT_TRUE(check_user_object(objects).ok());
  expect_refused("{\"a\":" + objects + "}", Fault::kTooDeep, 512 * 5);
  expect_accepted(repeat("[", 511) + "{\"a\":1}" + repeat("]", 511));
  expect_refused(repeat("[", 512) + "{\"a\":1}", Fault::kTooDeep, 512);
  // Depth counts what is open, not what was.
  expect_accepted("[" + repeat("[[]],", 2000) + "0]");
}

// As PostgreSQL's numeric: at most 131072 digits before the point and 16383 behind it.
TEST(JsonScan, NumbersEndWhereNumericEnds) {
  const std::string zeros = repeat("0", 16384);
  for (const std::string& json : {
           "1" + repeat("0", 131071),
           "-9" + repeat("9", 131071),
           std::string("1e131071"),
           std::string("9.99e131071"),
           std::string("0.1e131072"),
           std::string("0.00001e131076"),
           "0." + zeros.substr(0, 16382) + "1",
           "0." + zeros.substr(0, 16383),
           std::string("1e-16383"),
           std::string("1.5e-16382"),
           std::string("0e-16383"),
           std::string("0e1073741822"),
           std::string("0.0e1073741822"),
           "1." + zeros + "e1",
           "0." + repeat("0", 200000) + "1e200000",
           std::string("1e00000000000000000000000000131071"),
           std::string("0E-000000000000000000000000000000"),
       }) {
    expect_accepted(json);
  }
  for (const std::string& json : {
           "1" + repeat("0", 131072),
           std::string("1e131072"),
           std::string("-1E+131072"),
           std::string("10e131071"),
           std::string("0.1e131073"),
           "0." + zeros,
           "1." + zeros,
           std::string("1e-16384"),
           std::string("1.5e-16383"),
           std::string("0e-16384"),
           std::string("0e1073741823"),
           std::string("0e99999999999999999999999999"),
           std::string("1e-99999999999999999999999999"),
           std::string("1e9223372036854775808"),
       }) {
    expect_refused(json, Fault::kNumberRange, 0);
    expect_refused("[1, " + json + "]", Fault::kNumberRange, 4);
  }
}

// Keys of all lengths, so that those with equal ends and lengths are among them too.
std::string object_of(std::size_t keys, std::vector<std::size_t>* offsets = nullptr) {
  std::string json = "{";
  for (std::size_t i = 0; i < keys; ++i) {
    if (i > 0) json += ',';
    if (offsets != nullptr) offsets->push_back(json.size());
    json += "\"prefix_" + std::to_string(i) + "_suffix_of_it\":" + std::to_string(i);
  }
  return json + "}";
}

TEST(JsonScan, FindsDuplicatesInObjectsOfAnySize) {
  for (const std::size_t size : {2U, 16U, 31U, 32U, 33U, 34U, 48U, 49U, 64U, 1000U}) {
    const std::string json = object_of(size);
    expect_accepted(json);
    for (const std::size_t repeated : {std::size_t{0}, size / 2, size - 1}) {
      const std::string key = "\"prefix_" + std::to_string(repeated) + "_suffix_of_it\":0}";
      const std::string twice = json.substr(0, json.size() - 1) + "," + key;
      expect_refused(twice, Fault::kDuplicateKey, json.size());
      const std::string escaped = json.substr(0, json.size() - 1) + ",\"\\u0070" + key.substr(2);
      expect_refused(escaped, Fault::kDuplicateKey, json.size());
      expect_refused("[" + twice + "]", Fault::kDuplicateKey, json.size() + 1);
    }
  }
}

TEST(JsonScan, NamesTheFirstOfSeveralDuplicates) {
  std::vector<std::size_t> offsets;
  std::string json = object_of(100, &offsets);
  json.pop_back();
  const std::size_t first = json.size() + 1;
  json += ",\"prefix_90_suffix_of_it\":0,\"prefix_50_suffix_of_it\":0,\"prefix_90_suffix_of_it\":0}";
  expect_refused(json, Fault::kDuplicateKey, first);
}

TEST(JsonScan, ManyKeysAreNotQuadratic) {
  // Quadratic work would be 5e9 comparisons here: the test would be seen to hang.
  const std::string json = object_of(100000);
  expect_accepted(json);
  const std::string twice = json.substr(0, json.size() - 1) + ",\"prefix_77777_suffix_of_it\":0}";
  expect_refused(twice, Fault::kDuplicateKey, json.size());
  // The same with equal lengths, heads and tails.
  std::string alike = "{";
  for (std::size_t i = 100000; i < 200000; ++i) {
    alike += (i > 100000 ? ",\"same_head_" : "\"same_head_") + std::to_string(i) + "_same_tail\":0";
  }
  expect_accepted(alike + "}");
  expect_refused(alike + ",\"same_head_123456_same_tail\":0}", Fault::kDuplicateKey, alike.size() + 1);
}

TEST(JsonScan, BigObjectsInsideBigObjectsKeepTheirKeysApart) {
  const std::string inner = object_of(60);
  std::string outer = object_of(60);
  outer.insert(outer.size() - 1, ",\"inner\":" + inner + ",\"list\":[" + inner + "," + inner + "]");
  expect_accepted(outer);
  const std::size_t size = outer.size();
  expect_refused(outer.substr(0, size - 1) + ",\"small\":{\"a\":1,\"a\":2}}", Fault::kDuplicateKey,
                 size - 1 + std::string_view(",\"small\":{\"a\":1,").size());
  outer.insert(outer.size() - 1, ",\"prefix_3_suffix_of_it\":0");
  expect_refused(outer, Fault::kDuplicateKey, size);
}

TEST(JsonScan, SeesEachByteOfAStringAtEveryPlace) {
  // Word-wise searching must not overlook a byte wherever it is in its word.
  for (std::size_t before = 0; before < 20; ++before) {
    for (std::size_t after = 0; after < 20; ++after) {
      for (int byte = 0; byte < 256; ++byte) {
        const std::string json =
            "\"" + std::string(before, '!') + std::string(1, static_cast<char>(byte)) + std::string(after, '#') + "\"";
        const Verdict verdict = check_value(json);
        Fault expected = Fault::kNone;
        if (byte < 0x20) expected = Fault::kControlCharacter;
        if (byte >= 0x80) expected = Fault::kUtf8;
        if (byte == '"') expected = Fault::kTrailingBytes;
        if (byte == '\\') expected = Fault::kSyntax;  // "\#" and an escaped closing quote
        ASSERT_EQ(verdict.fault, expected) << before << " " << after << " " << byte;
      }
    }
  }
}

TEST(JsonScan, GivesTheMembersByteForByte) {
  EXPECT_EQ(object_members("{}"), "");
  EXPECT_EQ(object_members(" { \n\t\r } "), "");
  EXPECT_EQ(object_members("{\"a\":1}"), "\"a\":1");
  EXPECT_EQ(object_members("\n {  \"b\" : 1e2 ,\t\"a\":1.10, \"c\":\"\\u0041 } \" \r\n} \t"),
            "  \"b\" : 1e2 ,\t\"a\":1.10, \"c\":\"\\u0041 } \" \r\n");
  EXPECT_EQ(object_members("{\"a\":{}}"), "\"a\":{}");
  EXPECT_EQ(object_members("{\"n\":12345678901234567890}"), "\"n\":12345678901234567890");
  for (const std::string_view none : {""sv, " "sv, "{"sv, "}"sv, "[]"sv, "{]"sv, "1"sv}) {
    EXPECT_EQ(object_members(none), "") << none;
  }
}

TEST(JsonScan, EveryFaultHasItsOwnText) {
  std::set<std::string_view> texts;
  for (int i = 0; i <= static_cast<int>(Fault::kTooDeep); ++i) {
    const std::string_view text = describe(static_cast<Fault>(i));
    EXPECT_FALSE(text.empty());
    EXPECT_TRUE(texts.insert(text).second) << text;
  }
}

// A mutation is judged the same in any memory around it, and its fault lies within it.
TEST(JsonScan, JudgesRandomMutationsWithinTheirBounds) {
  const std::array kSeeds = {
      std::string(R"({"a":1,"b":[true,false,null,{"c":"d\u00e9\n"}],"e":-1.5e-10,"f":""})"),
      std::string("{\"k\\ud83d\\ude00\":\"\xF0\x9F\x98\x80 \xE2\x82\xAC\", \"x\" : [ [ ] , { } ] }"), object_of(40)};
  constexpr std::string_view kBytes = "\"\\{}[]:,u0019dDeE+-. \n\t\x80\xC3\xA9\xED\xF0\xFFtfn\0"sv;
  std::mt19937 random(20240611);
  const auto below = [&random](std::size_t limit) { return random() % limit; };
  std::size_t accepted = 0;
  std::size_t refused = 0;
  for (int round = 0; round < 30000; ++round) {
    std::string json = kSeeds[below(kSeeds.size())];
    for (std::size_t edits = 1 + below(3); edits > 0 && !json.empty(); --edits) {
      const std::size_t place = below(json.size());
      switch (below(4)) {
        case 0:
          json[place] = kBytes[below(kBytes.size())];
          break;
        case 1:
          json.insert(place, 1, kBytes[below(kBytes.size())]);
          break;
        case 2:
          json.erase(place, 1 + below(4));
          break;
        default:
          json.resize(place);
      }
    }
    const Exact exact(json);
    const Verdict verdict = check_value(exact.view());
    (verdict.ok() ? accepted : refused)++;
    ASSERT_LE(verdict.offset, json.size()) << json;
    const std::string longer = json + "\"}]0";
    const Verdict again = check_value(std::string_view(longer).substr(0, json.size()));
    ASSERT_EQ(again.fault, verdict.fault) << json;
    ASSERT_EQ(again.offset, verdict.offset) << json;
    const Verdict user = check_user_object(exact.view());
    ASSERT_LE(user.offset, json.size());
    ASSERT_TRUE(!user.ok() || verdict.ok()) << json;
  }
  EXPECT_GT(accepted, 500U);
  EXPECT_GT(refused, 5000U);
}

}  // namespace
}  // namespace eventsource::core::json
