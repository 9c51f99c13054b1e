// Ids of one source rise strictly, whatever the clock does.
#include "core/event/id_source.hpp"

#include <gtest/gtest.h>

#include "tests/core/fake_environment.hpp"

namespace eventsource::core {
namespace {

TEST(IdSource, RisesWhileTheClockStandsStillGoesBackAndGoesOn) {
  FakeEnvironment environment;
  IdSource source(environment);
  Uuid before;
  const auto draw = [&](int count) {
    for (int i = 0; i < count; ++i) {
      const Uuid id = source.draw().value();
      ASSERT_LT(before, id);
      before = id;
    }
  };
  draw(5'000);
  environment.wall += 1;  // fewer steps than were taken
  draw(10);
  environment.wall -= 3'600'000'000;
  draw(10);
  environment.wall += 7'200'000'000;
  draw(1);
  // It is with the clock again.
  EXPECT_EQ(before.bytes[5], make_uuid7(uuid7_step(environment.wall), 0).bytes[5]);
  EXPECT_EQ(before.bytes[7], make_uuid7(uuid7_step(environment.wall), 0).bytes[7]);
}

TEST(IdSource, HasVersionAndVariant) {
  FakeEnvironment environment;
  IdSource source(environment);
  for (int i = 0; i < 100; ++i) {
    const Uuid id = source.draw().value();
    EXPECT_EQ(id.bytes[6] >> 4, 7);
    EXPECT_EQ(id.bytes[8] >> 6, 2);
  }
}

}  // namespace
}  // namespace eventsource::core
