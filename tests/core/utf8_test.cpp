// UTF-8 validity against the definition, over all sequences of up to four bytes that matter.
#include "core/base/utf8.hpp"

#include <array>
#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <string_view>

namespace eventsource::core {
namespace {

using std::string_view_literals::operator""sv;

std::string encode(std::uint32_t c, std::size_t length) {
  constexpr std::array<std::uint32_t, 5> kLead = {0, 0, 0xC0, 0xE0, 0xF0};
  std::string text;
  if (length == 1) return {static_cast<char>(c)};
  text.push_back(static_cast<char>(kLead[length] | c >> (6 * (length - 1))));
  for (std::size_t i = length - 1; i-- > 0;) {
    text.push_back(static_cast<char>(0x80U | (c >> (6 * i) & 0x3FU)));
  }
  return text;
}

std::size_t shortest(std::uint32_t c) {
  if (c < 0x80) return 1;
  if (c < 0x800) return 2;
  return c < 0x10000 ? 3 : 4;
}

TEST(Utf8, AcceptsEachCodePointInItsShortestFormOnly) {
  for (std::uint32_t c = 0; c < 0x200000; ++c) {
    const bool scalar = c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
    for (std::size_t length = shortest(c); length <= 4; ++length) {
      const std::string text = encode(c, length);
      ASSERT_EQ(valid_utf8(text), scalar && length == shortest(c)) << c << " in " << length;
    }
  }
}

TEST(Utf8, RefusesCutAndStraySequencesAtAnyPlace) {
  constexpr std::array kBad = {
      "\x80"sv, "\xBF"sv,         "\xC3"sv,         "\xE2\x82"sv, "\xE2"sv, "\xF0\x9F\x98"sv,         "\xF0\x9F"sv,
      "\xF0"sv, "\xC3\xC3\xA9"sv, "\xE2\x28\xA1"sv, "\xFE"sv,     "\xFF"sv, "\xF8\x88\x80\x80\x80"sv, "\xC3\x41"sv};
  for (const std::string_view bad : kBad) {
    for (std::size_t before = 0; before < 18; ++before) {
      for (std::size_t after = 0; after < 10; after += 3) {
        const std::string text = std::string(before, 'a') + std::string(bad) + std::string(after, 'b');
        ASSERT_FALSE(valid_utf8(text)) << before << " " << after;
        ASSERT_FALSE(valid_utf8("\xC3\xA9" + text)) << before << " " << after;
      }
    }
  }
}

TEST(Utf8, AcceptsMixedText) {
  for (const std::string_view text :
       {""sv, "\0"sv, "\xEF\xBB\xBF"sv, "abcdefgh\xC3\xA9ijklmnop\xE6\x97\xA5\xF0\x9F\x98\x80q"sv}) {
    EXPECT_TRUE(valid_utf8(text));
  }
}

TEST(Utf8, CountsCodePoints) {
  EXPECT_EQ(code_points(""), 0U);
  EXPECT_EQ(code_points("abc"), 3U);
  EXPECT_EQ(code_points("\xC3\xA9\xE6\x97\xA5\xF0\x9F\x98\x80z"), 4U);
  std::string names;
  for (int i = 0; i < 255; ++i) names += "\xE6\x97\xA5";
  EXPECT_EQ(code_points(names), 255U);
}

}  // namespace
}  // namespace eventsource::core
