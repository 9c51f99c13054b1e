// Position tokens: at most 64 bytes, of one store, refused when anything about them is off.
#include "core/event/token.hpp"

#include <gtest/gtest.h>
#include <limits>

#include "eventsource/limits.h"

namespace eventsource::core {
namespace {

Uuid id_of(std::uint8_t last) {
  Uuid id;
  id.bytes[15] = last;
  return id;
}

TEST(Token, ComesBack) {
  for (const std::int64_t position : {std::int64_t{0}, std::int64_t{1}, std::numeric_limits<std::int64_t>::max()}) {
    const std::string token = make_token(id_of(7), position);
    EXPECT_LE(token.size(), std::size_t{ES_TOKEN_BYTES_MAX});
    const auto read = read_token(token, id_of(7));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read.value(), position);
  }
}

TEST(Token, OfAnotherStoreIsRefusedByName) {
  const auto read = read_token(make_token(id_of(1), 5), id_of(2));
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code(), ES_INVALID_TOKEN);
  EXPECT_NE(read.error().message().find(format_uuid(id_of(1))), std::string::npos);
}

TEST(Token, MalformedIsRefused) {
  const std::string good = make_token(id_of(1), 123);
  ASSERT_TRUE(check_token(good).ok());
  for (std::size_t length = 0; length < good.size() - 2; ++length) {
    EXPECT_FALSE(check_token(good.substr(0, length)).ok()) << length;
  }
  EXPECT_FALSE(check_token(good + "x").ok());
  EXPECT_FALSE(check_token(good + "99999999999999999999").ok());
  EXPECT_FALSE(check_token("es2" + good.substr(3)).ok());
  EXPECT_FALSE(check_token("es1.00000000000000000000000000000001.-5").ok());
  EXPECT_FALSE(check_token("es1.0000000000000000000000000000000g.5").ok());
}

}  // namespace
}  // namespace eventsource::core
