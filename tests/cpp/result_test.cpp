// Results and errors: as values and as exceptions.
#include "eventsource/cpp/result.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <type_traits>

#include "eventsource/cpp/json.hpp"
#include "eventsource/cpp/store.hpp"

namespace eventsource {
namespace {

Result<std::string> text(bool good) {
  if (good) return std::string("good");
  return Error(ES_BUSY, "not now");
}

TEST(ResultTest, HoldsAValue) {
  auto result = text(true);
  EXPECT_TRUE(result.ok());
  EXPECT_TRUE(result);
  EXPECT_EQ(result.error().code(), ES_OK);
  EXPECT_EQ(result.error().message(), "");
  EXPECT_EQ(*result, "good");
  EXPECT_EQ(result->size(), 4u);
  EXPECT_EQ(result.value(), "good");
  EXPECT_EQ(text(true).value_or("other"), "good");
}

TEST(ResultTest, HoldsAnErrorInstead) {
  auto result = text(false);
  EXPECT_FALSE(result.ok());
  EXPECT_FALSE(result);
  EXPECT_EQ(result.error().code(), ES_BUSY);
  EXPECT_EQ(result.error().message(), "not now");
  EXPECT_EQ(text(false).value_or("other"), "other");
  if (auto good = text(true); good) {
    EXPECT_EQ(*good, "good");
  } else {
    FAIL();
  }
}

TEST(ResultTest, ValueThrowsTheError) {
  try {
    text(false).value();
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& thrown) {
    EXPECT_STREQ(thrown.what(), "not now");
    const auto* exception = dynamic_cast<const Exception*>(&thrown);
    ASSERT_NE(exception, nullptr);
    EXPECT_EQ(exception->code(), ES_BUSY);
    EXPECT_EQ(exception->error().message(), "not now");
  }
  const auto kept = text(false);
  EXPECT_THROW(kept.value(), Exception);
}

TEST(ResultTest, HoldsWhatCanOnlyBeMoved) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
  std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 7);
  static_assert(!std::is_copy_constructible_v<Result<std::unique_ptr<int>>>);
}

TEST(ResultTest, VoidIsSuccessOrAnError) {
  const Result<void> good = check_data("{}");
  EXPECT_TRUE(good);
  EXPECT_NO_THROW(good.value());
  const Result<void> bad = check_data("[]");
  EXPECT_FALSE(bad);
  EXPECT_EQ(bad.error().code(), ES_INVALID_JSON);
  EXPECT_THROW(bad.value(), Exception);
}

TEST(ErrorTest, SaysWhatTheCErrorSays) {
  const Error error = check_data(R"({"a":1,})").error();
  EXPECT_EQ(error.code(), ES_INVALID_JSON);
  EXPECT_STREQ(error.name(), "ES_INVALID_JSON");
  EXPECT_EQ(error.kind(), -200);
  EXPECT_NE(error.message(), "");
  EXPECT_EQ(error.detail("offset"), "7");
  EXPECT_EQ(error.detail("path"), std::nullopt);
  EXPECT_FALSE(error.retryable());
  EXPECT_EQ(error.outcome(), Outcome::kNotApplied);
  EXPECT_EQ(error.sqlstate(), "");
  bool found = false;
  for (std::size_t i = 0; i < error.detail_count(); ++i)
    found |= error.detail_at(i) == std::pair<std::string_view, std::string_view>("offset", "7");
  EXPECT_TRUE(found);
  EXPECT_EQ(error.detail_at(error.detail_count()).first, "");
}

TEST(ErrorTest, CopiesOutliveTheOriginal) {
  auto original = std::make_unique<Error>(check_data("[]").error());
  const std::string message(original->message());
  const Error copy = *original;
  original.reset();
  EXPECT_EQ(copy.message(), message);
  static_assert(std::is_nothrow_copy_constructible_v<Error> && std::is_nothrow_copy_constructible_v<Exception>);
}

}  // namespace
}  // namespace eventsource
