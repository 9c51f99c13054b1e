#include "tests/support/rounds.hpp"

#include <algorithm>
#include <cstdlib>
#include <random>

namespace test_support {

int rounds(int in_make_test) {
  const char* const factor = std::getenv("EVENTSOURCE_RACES");
  return in_make_test * (factor == nullptr ? 1 : std::max(1, std::atoi(factor)));
}

std::uint32_t seed() {
  static const std::uint32_t seed = [] {
    const char* const given = std::getenv("EVENTSOURCE_SEED");
    return given == nullptr ? std::random_device()() : static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10));
  }();
  return seed;
}

}  // namespace test_support
