// How much of the events each work on PostgreSQL takes: enough for a second or so, and no more.
#pragma once

#include <cstddef>

constexpr std::size_t kSingles = 1000;
constexpr std::size_t kEventsInHundreds = 20'000;
constexpr std::size_t kEventsInThousands = 50'000;
constexpr std::size_t kEventsToLoad = 100'000;
