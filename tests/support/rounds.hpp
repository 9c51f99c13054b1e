// How much a test does: little in `make test`, more in `make soak` and `make test-races`. Any thread.
#pragma once

#include <cstdint>

namespace test_support {

// EVENTSOURCE_RACES times as many (1 in `make test`).
[[nodiscard]] int rounds(int in_make_test);

// EVENTSOURCE_SEED, or what chance gives; the same all through the program. A test that fails has to say it.
[[nodiscard]] std::uint32_t seed();

}  // namespace test_support
