// What is too large for one message to PostgreSQL: refused before it is sent.
#include <algorithm>
#include <gtest/gtest.h>
#include <string>

#include "core/postgres/message_size.hpp"

namespace eventsource::core::postgres {
namespace {

constexpr std::size_t kMost = 1'000;

Parameters sized(std::size_t first, std::size_t second) {
  Parameters parameters;
  parameters.add_null();
  parameters.add(std::string_view(std::string(first, 'a')));
  parameters.add(std::string_view(std::string(second, 'b')));
  return parameters;
}

TEST(MessageSize, OfTheLimitIsSent) {
  EXPECT_TRUE(check_size(Parameters(), "the store", kMost).ok());
  EXPECT_TRUE(check_size(sized(kMost, 0), "the store", kMost).ok());
  EXPECT_TRUE(check_size(sized(400, 600), "the store", kMost).ok());
}

TEST(MessageSize, BeyondTheLimitIsRefused) {
  for (const Parameters& parameters : {sized(kMost + 1, 0), sized(400, 601)}) {
    const Status status = check_size(parameters, "the store", kMost);
    ASSERT_FALSE(status.ok());
    const Error& error = status.error();
    EXPECT_EQ(error.code(), ES_LIMIT_EXCEEDED);
    EXPECT_EQ(error.outcome(), ES_OUTCOME_NOT_APPLIED);
    EXPECT_FALSE(error.is_retryable());
    EXPECT_NE(error.message().find("1001 bytes"), std::string::npos) << error.message();
    EXPECT_NE(error.message().find("split the append"), std::string::npos) << error.message();
    const auto limit = std::ranges::find(error.details(), std::string_view("limit"), &Error::Detail::key);
    ASSERT_NE(limit, error.details().end());
    EXPECT_EQ(limit->value, "1000");
  }
}

}  // namespace
}  // namespace eventsource::core::postgres
