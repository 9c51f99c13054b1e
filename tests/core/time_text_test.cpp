// Times as text: RFC 3339, what PostgreSQL and Python write, and the calendar.
#include "core/base/time_text.hpp"

#include <array>
#include <cstdint>
#include <gtest/gtest.h>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>

namespace eventsource::core {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

std::string text_of(std::int64_t us) {
  std::string text;
  append_time(text, us);
  return text;
}

struct Case {
  std::string_view text;
  std::int64_t us;
};

TEST(TimeText, WritesSixDigitsAndZ) {
  EXPECT_EQ(text_of(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(text_of(-1), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(text_of(1), "1970-01-01T00:00:00.000001Z");
  EXPECT_EQ(text_of(kTimeMin), "0001-01-01T00:00:00.000000Z");
  EXPECT_EQ(text_of(kTimeMax), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(text_of(1'709'210'096'123'456), "2024-02-29T12:34:56.123456Z");
  EXPECT_EQ(text_of(951'782'400 * kSecond), "2000-02-29T00:00:00.000000Z");
  EXPECT_EQ(text_of(4'107'542'400 * kSecond), "2100-03-01T00:00:00.000000Z");
  std::string text = "at ";
  append_time(text, 0);
  EXPECT_EQ(text, "at 1970-01-01T00:00:00.000000Z");
}

TEST(TimeText, RefusesToWriteWhatIsOutOfRange) {
  for (const std::int64_t us : {kTimeMin - 1, kTimeMax + 1, kTimeInfinity, kTimeMinusInfinity}) {
    std::string text;
    EXPECT_FALSE(time_in_range(us));
    EXPECT_THROW(append_time(text, us), std::out_of_range);
    EXPECT_EQ(text, "");
  }
}

TEST(TimeText, ReadsTheFormsOthersWrite) {
  constexpr std::array kCases = {
      Case{"1970-01-01T00:00:00Z", 0},
      Case{"1970-01-01t00:00:00z", 0},
      Case{"1970-01-01 00:00:00+00", 0},
      Case{"1970-01-01T00:00:00-00:00", 0},
      Case{"1970-01-01T00:00:00.1Z", 100'000},
      Case{"1970-01-01T00:00:00.123456Z", 123'456},
      Case{"1970-01-01T00:00:00.1234567Z", 123'456},
      Case{"1970-01-01T00:00:00.999999999Z", 999'999},
      Case{"1969-12-31T23:59:59.9999999Z", -1},
      Case{"1970-01-01T05:30:00+05:30", 0},
      Case{"1970-01-01T05:30:00+0530", 0},
      Case{"1969-12-31T19:00:00-05", 0},
      Case{"1969-12-31T19:03:58-04:56:02", 0},
      Case{"1970-01-01T23:59:00+23:59", 0},
      Case{"2016-12-31T23:59:60Z", 1'483'228'800 * kSecond},
      Case{"2016-12-31T23:59:60.000Z", 1'483'228'800 * kSecond},
      Case{"2016-12-31T24:00:00Z", 1'483'228'800 * kSecond},
      Case{"2016-12-31T12:30:60Z", 1'483'187'460 * kSecond},
      Case{"2024-02-29T12:34:56.123456+00:00", 1'709'210'096'123'456},
      Case{"0001-01-01T00:00:00Z", kTimeMin},
      Case{"0001-01-01T05:00:00+05:00", kTimeMin},
      Case{"0000-12-31T19:00:00-05:00", kTimeMin},
      Case{"9999-12-31T23:59:59.999999Z", kTimeMax},
      Case{"9999-12-31T18:59:59.999999-05:00", kTimeMax},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(parse_time(c.text), c.us) << c.text;
    EXPECT_EQ(parse_foreign_time(c.text), c.us) << c.text;
  }
}

TEST(TimeText, RefusesWhatIsNoTime) {
  constexpr std::array<std::string_view, 47> kBad = {
      "",
      "now",
      "Infinity",
      "1970-01-01",
      "1970-01-01T",
      "1970-01-01T00:00Z",
      "1970-01-01T00:00:0Z",
      "1970-01-01T00:00:00.Z",
      "1970-01-01T00:00:00,5Z",
      "1970-01-01T00:00:00.1234567890Z",
      "1970-01-01T00:00:00 Z",
      "1970-01-01T00:00:00ZZ",
      "1970-01-01T00:00:00Z ",
      " 1970-01-01T00:00:00Z",
      "1970-01-01_00:00:00Z",
      "1970-01-01T00:00:00UTC",
      "1970-01-01T00:00:00+",
      "1970-01-01T00:00:00+5",
      "1970-01-01T00:00:00+05:",
      "1970-01-01T00:00:00+05:3",
      "1970-01-01T00:00:00+053",
      "1970-01-01T00:00:00+05300",
      "1970-01-01T00:00:00+24:00",
      "1970-01-01T00:00:00+05:60",
      "1970-01-01T00:00:00+05:30:60",
      "1970-01-01T00:00:00+0530:15",
      "1970-1-01T00:00:00Z",
      "1970-00-01T00:00:00Z",
      "1970-13-01T00:00:00Z",
      "1970-01-00T00:00:00Z",
      "1970-01-32T00:00:00Z",
      "1970-04-31T00:00:00Z",
      "2023-02-29T00:00:00Z",
      "1900-02-29T00:00:00Z",
      "2000-02-30T00:00:00Z",
      "970-01-01T00:00:00Z",
      "+1970-01-01T00:00:00Z",
      "-001-01-01T00:00:00Z",
      "1970-01-01T25:00:00Z",
      "1970-01-01T24:00:00.1Z",
      "1970-01-01T24:01:00Z",
      "1970-01-01T24:00:60Z",
      "1970-01-01T00:60:00Z",
      "1970-01-01T00:00:61Z",
      "1970-01-01T00:00:60.5Z",
      "1970-01-01T00:00:-1Z",
      "1970/01/01T00:00:00Z",
  };
  for (const std::string_view text : kBad) {
    EXPECT_EQ(parse_time(text), std::nullopt) << text;
    EXPECT_EQ(parse_foreign_time(text), std::nullopt) << text;
  }
}

TEST(TimeText, OnlyForeignTimesMayLackAnOffset) {
  EXPECT_EQ(parse_time("1970-01-01T00:00:01"), std::nullopt);
  EXPECT_EQ(parse_foreign_time("1970-01-01T00:00:01"), kSecond);
  EXPECT_EQ(parse_time("1970-01-01 00:00:01.5"), std::nullopt);
  EXPECT_EQ(parse_foreign_time("1970-01-01 00:00:01.5"), 1'500'000);
}

TEST(TimeText, OutOfRangeIsRefusedOrMarked) {
  constexpr std::array kCases = {
      Case{"infinity", kTimeInfinity},
      Case{"-infinity", kTimeMinusInfinity},
      Case{"9999-12-31T23:59:59.999999-00:01", kTimeInfinity},
      Case{"9999-12-31T23:59:60Z", kTimeInfinity},
      Case{"10000-01-01T00:00:00+00:00", kTimeInfinity},
      Case{"294276-12-31 23:59:59.999999+00", kTimeInfinity},
      Case{"999999-12-31T00:00:00Z", kTimeInfinity},
      Case{"0001-01-01T00:00:00+00:01", kTimeMinusInfinity},
      Case{"0000-06-01T00:00:00Z", kTimeMinusInfinity},
      Case{"0044-03-15T00:00:00-04:56:02 BC", kTimeMinusInfinity},
      Case{"0001-02-29 00:00:00+00 BC", kTimeMinusInfinity},
      Case{"4714-11-24 00:00:00+00 BC", kTimeMinusInfinity},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(parse_time(c.text), std::nullopt) << c.text;
    EXPECT_EQ(parse_foreign_time(c.text), c.us) << c.text;
  }
  // 9999 with an offset that brings it back, and 1 BC with one that brings it into year 1.
  EXPECT_EQ(parse_foreign_time("10000-01-01T00:00:00+00:01"), kTimeMax + 1 - 60 * kSecond);
  EXPECT_EQ(parse_foreign_time("0001-12-31T19:00:00-05 BC"), kTimeMin);
  for (const std::string_view text :
       {"0000-01-01T00:00:00Z BC", "0002-02-29T00:00:00Z BC", "1000000-01-01T00:00:00Z", " BC", "infinity BC"}) {
    EXPECT_EQ(parse_foreign_time(text), std::nullopt) << text;
  }
}

// Counts the calendar day by day with nothing but the leap-year rule.
TEST(TimeText, AgreesWithTheCalendarOnEveryDay) {
  constexpr std::array kMonthDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  std::int64_t us = kTimeMin;
  for (int year = 1; year <= 9999; ++year) {
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    for (int month = 1; month <= 12; ++month) {
      const int days = kMonthDays[static_cast<std::size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
      for (int day = 1; day <= days; ++day, us += kDay) {
        std::string expected;
        const auto pad = [&expected](int value, std::size_t width) {
          const std::string digits = std::to_string(value);
          expected += std::string(width - digits.size(), '0') + digits;
        };
        pad(year, 4);
        expected += '-';
        pad(month, 2);
        expected += '-';
        pad(day, 2);
        expected += "T00:00:00.000000Z";
        ASSERT_EQ(text_of(us), expected);
        ASSERT_EQ(parse_time(expected), us) << expected;
      }
    }
  }
  EXPECT_EQ(us, kTimeMax + 1);
}

TEST(TimeText, WhatIsWrittenIsReadBack) {
  std::mt19937_64 random(5);
  std::uniform_int_distribution<std::int64_t> times(kTimeMin, kTimeMax);
  for (int round = 0; round < 20000; ++round) {
    const std::int64_t us = times(random);
    ASSERT_EQ(parse_time(text_of(us)), us);
  }
}

}  // namespace
}  // namespace eventsource::core
