// What a caller is told when there is no memory for its error: never that nothing was written where that is not known.
#include <cstdlib>
#include <gtest/gtest.h>
#include <new>
#include <stdexcept>

#include "capi/guard.hpp"

namespace {

bool is_empty = false;  // every allocation fails

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  void* const place = is_empty ? nullptr : std::malloc(size == 0 ? 1 : size);
  if (place == nullptr) throw std::bad_alloc();
  return place;
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return is_empty ? nullptr : std::malloc(size == 0 ? 1 : size);
}
[[gnu::noinline]] void operator delete(void* place) noexcept {
  std::free(place);
}
[[gnu::noinline]] void operator delete(void* place, std::size_t) noexcept {
  std::free(place);
}

namespace eventsource::capi {
namespace {

es_error* report_without_memory(std::int32_t outcome) {
  core::Error lost(ES_IO_ERROR, "the disk failed while the commit was under way");
  lost = std::move(lost).outcome(outcome);
  es_error* error = nullptr;
  is_empty = true;
  const es_status status = report(&error, std::move(lost));
  is_empty = false;
  EXPECT_EQ(status, ES_OUT_OF_MEMORY);
  EXPECT_EQ(es_error_code(error), ES_OUT_OF_MEMORY);
  EXPECT_EQ(es_error_detail_count(error), 0U);
  EXPECT_EQ(es_error_detail(error, "path"), nullptr);
  return error;
}

TEST(OutOfMemoryError, KeepsAnOutcomeThatIsNotKnown) {
  es_error* error = report_without_memory(ES_OUTCOME_UNKNOWN);
  EXPECT_EQ(es_error_outcome(error), ES_OUTCOME_UNKNOWN);
  EXPECT_EQ(es_error_is_retryable(error), 0);
  EXPECT_STREQ(es_error_message(error), "out of memory; the outcome is unknown: look before you repeat");
  es_error_close(&error);
  EXPECT_EQ(error, nullptr);
}

TEST(OutOfMemoryError, SaysThatNothingWasWrittenWhereThatIsKnown) {
  es_error* error = report_without_memory(ES_OUTCOME_NOT_APPLIED);
  EXPECT_EQ(es_error_outcome(error), ES_OUTCOME_NOT_APPLIED);
  EXPECT_EQ(es_error_is_retryable(error), 1);
  EXPECT_STREQ(es_error_message(error), "out of memory; nothing was written");
  es_error_close(&error);
}

TEST(OutOfMemoryError, OfAWriteThatMayHaveBeenCarriedOutIsTold) {
  es_error* error = nullptr;
  const es_status status = guard(&error, []() -> core::Status { throw core::OutcomeUnknown(); });
  EXPECT_EQ(status, ES_OUT_OF_MEMORY);
  EXPECT_EQ(es_error_outcome(error), ES_OUTCOME_UNKNOWN);
  es_error_close(&error);
}

TEST(OutOfMemoryError, ABugThatCanNotBeDescribedIsStillReported) {
  const std::logic_error bug("a message that is longer than the place that a string has in itself");
  es_error* error = nullptr;
  const es_status status = guard(&error, [&]() -> core::Status {
    is_empty = true;
    throw bug;
  });
  is_empty = false;
  EXPECT_EQ(status, ES_OUT_OF_MEMORY);
  EXPECT_EQ(es_error_code(error), ES_OUT_OF_MEMORY);
  es_error_close(&error);
}

}  // namespace
}  // namespace eventsource::capi
