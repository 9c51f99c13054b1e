// The statements that append through libpq, and their parameters. Each checks versions and returns positions. Values; the
// events outlive what is made of them.
#pragma once

#include <span>

#include "bench/raw/event.hpp"
#include "bench/raw/link.hpp"
#include "bench/raw/values.hpp"

void prepare_appends(Link& link);

// One event.
constexpr const char* kAppendOne = "append_one";
[[nodiscard]] Values append_one(const Event& event);

// Events of streams apart, each checked by itself.
constexpr const char* kAppendMany = "append_many";
[[nodiscard]] Values append_many(std::span<const Event> events);

// Events of one stream, checked once.
constexpr const char* kAppendStream = "append_stream";
[[nodiscard]] Values append_stream(std::span<const Event> events);

// Ends the program unless every event was stored; a caller would be told its position.
void check_appended(const PGresult* rows, std::size_t count);
