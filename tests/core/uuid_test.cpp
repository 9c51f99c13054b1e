// UUIDs: text in both directions, order and hash.
#include "core/base/uuid.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <string_view>
#include <unordered_set>

namespace eventsource::core {
namespace {

constexpr std::string_view kText = "01234567-89ab-cdef-fedc-ba9876543210";
constexpr Uuid kId = {{0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0xFE, 0xDC, 0xBA, 0x98, 0x76, 0x54, 0x32, 0x10}};

TEST(Uuid, ReadsHyphensOrPlainDigitsInEitherCase) {
  for (const std::string_view text :
       {kText, std::string_view("01234567-89AB-CDEF-FEDC-BA9876543210"),
        std::string_view("0123456789abcdeffedcba9876543210"), std::string_view("0123456789ABcdefFEDCba9876543210")}) {
    Uuid id;
    EXPECT_TRUE(parse_uuid(text, id)) << text;
    EXPECT_EQ(id, kId) << text;
  }
}

TEST(Uuid, RefusesOtherForms) {
  for (const std::string_view text :
       {"", "0", "01234567-89ab-cdef-fedc-ba987654321", "01234567-89ab-cdef-fedc-ba98765432100",
        "0123456789abcdeffedcba987654321", "0123456789abcdeffedcba98765432100",
        "{01234567-89ab-cdef-fedc-ba9876543210}", "{0123456789abcdeffedcba98765432}",
        "urn:uuid:01234567-89ab-cdef-fedc-ba9876543210", "0123-4567-89ab-cdef-fedc-ba9876543210",
        "012345678-9ab-cdef-fedc-ba9876543210", "01234567-89abcdef--fedc-ba9876543210",
        " 1234567-89ab-cdef-fedc-ba9876543210", "01234567_89ab_cdef_fedc_ba9876543210"}) {
    Uuid id = kId;
    EXPECT_FALSE(parse_uuid(text, id)) << text;
    EXPECT_EQ(id, kId) << text;
  }
}

TEST(Uuid, EachPlaceTakesHexDigitsOnly) {
  for (std::size_t place = 0; place < kText.size(); ++place) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text(kText);
      text[place] = static_cast<char>(byte);
      const bool hyphen = kText[place] == '-';
      const bool hex =
          std::string_view("0123456789abcdefABCDEF").find(static_cast<char>(byte)) != std::string_view::npos;
      Uuid id;
      ASSERT_EQ(parse_uuid(text, id), hyphen ? byte == '-' : hex) << place << " " << byte;
    }
  }
}

TEST(Uuid, WritesLowerCaseWithHyphens) {
  EXPECT_EQ(format_uuid(kId), kText);
  EXPECT_EQ(format_uuid(Uuid{}), "00000000-0000-0000-0000-000000000000");
  std::string text = "id=";
  append_uuid(text, kId);
  EXPECT_EQ(text, "id=" + std::string(kText));
}

TEST(Uuid, WhatIsWrittenIsReadBack) {
  std::mt19937 random(3);
  for (int round = 0; round < 5000; ++round) {
    Uuid id;
    for (std::uint8_t& byte : id.bytes) byte = static_cast<std::uint8_t>(random());
    Uuid back;
    ASSERT_TRUE(parse_uuid(format_uuid(id), back));
    ASSERT_EQ(back, id);
  }
}

TEST(Uuid, NilIsAllZeroBytes) {
  EXPECT_TRUE(Uuid{}.is_nil());
  for (std::size_t i = 0; i < 16; ++i) {
    Uuid id;
    id.bytes[i] = 1;
    EXPECT_FALSE(id.is_nil());
  }
}

TEST(Uuid, OrdersAsItsText) {
  std::mt19937 random(4);
  for (int round = 0; round < 5000; ++round) {
    Uuid a;
    for (std::uint8_t& byte : a.bytes) byte = static_cast<std::uint8_t>(random());
    Uuid b = a;
    b.bytes[random() % 16] = static_cast<std::uint8_t>(random());
    ASSERT_EQ(a < b, format_uuid(a) < format_uuid(b));
    ASSERT_EQ(a == b, format_uuid(a) == format_uuid(b));
  }
}

// Ids of one writer differ in few bytes: their hashes must still differ, also in the low bits.
TEST(Uuid, HashesOfNeighboursSpread) {
  for (std::size_t place = 0; place < 15; ++place) {
    std::unordered_set<std::size_t> hashes;
    std::array<int, 1024> buckets{};
    Uuid id = kId;
    for (unsigned i = 0; i < 65536; ++i) {
      id.bytes[place] = static_cast<std::uint8_t>(i >> 8U);
      id.bytes[place + 1] = static_cast<std::uint8_t>(i);
      const std::size_t hash = UuidHash{}(id);
      hashes.insert(hash);
      ++buckets[hash % buckets.size()];
    }
    EXPECT_EQ(hashes.size(), 65536U) << place;
    for (const int count : buckets) ASSERT_LT(count, 256) << place;
  }
}

}  // namespace
}  // namespace eventsource::core
