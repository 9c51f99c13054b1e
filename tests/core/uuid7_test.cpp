// UUIDv7: version and variant bits, the time in front, and rising with the steps of one append.
#include "core/event/uuid7.hpp"

#include <gtest/gtest.h>

namespace eventsource::core {
namespace {

TEST(Uuid7, HasItsTimeVersionAndVariant) {
  // RFC 9562, appendix A.6: 2022-02-22T19:22:22.000Z is 017F22E279B0.
  const Uuid id = make_uuid7(uuid7_step(1'645'557'742'000'000), ~std::uint64_t{0});
  EXPECT_EQ(format_uuid(id), "017f22e2-79b0-7000-bfff-ffffffffffff");
}

TEST(Uuid7, RisesWithTimeAndWithin) {
  Uuid before = make_uuid7(uuid7_step(1'000'000), ~std::uint64_t{0});
  for (std::int64_t us = 1'000'001; us < 1'003'000; ++us) {
    const Uuid id = make_uuid7(uuid7_step(us), 0);
    EXPECT_LT(before, id) << us;
    before = make_uuid7(uuid7_step(us), ~std::uint64_t{0});
  }
  for (std::uint64_t nth = 1; nth < 10'000; ++nth) {
    EXPECT_LT(make_uuid7(nth - 1, ~std::uint64_t{0}), make_uuid7(nth, 0));
  }
}

TEST(Uuid7, ATimeBefore1970IsItsStart) {
  EXPECT_EQ(uuid7_step(-5), uuid7_step(0));
}

}  // namespace
}  // namespace eventsource::core
