// The validator of pages and packed appends that come from outside: what passes can be read without another check.
// Pure functions: any thread. The fuzz target.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "core/base/result.hpp"
#include "core/event/append_input.hpp"
#include "core/event/page.hpp"

namespace eventsource::core {

// Checks the bytes of a page from end to end and copies them. ES_INVALID_BUFFER.
[[nodiscard]] Result<std::shared_ptr<const Page>> copy_page(std::span<const std::byte> bytes);

// Reads a packed append (append.h). What it returns borrows from `bytes`, which need not be aligned. ES_INVALID_BUFFER.
[[nodiscard]] Result<AppendInput> read_packed(std::span<const std::byte> bytes);

}  // namespace eventsource::core
