// What the standard streams are connected to: is it a terminal, how wide, does it want colours.
// Thread rule: any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace eventsource::cli {

[[nodiscard]] bool is_terminal(int descriptor);

// Columns of the terminal, 80 where it does not say.
[[nodiscard]] std::size_t terminal_width(int descriptor);

// A terminal that was not told otherwise: NO_COLOR is unset or empty, TERM is not "dumb".
[[nodiscard]] bool wants_colour(int descriptor);

enum class Colour { kBold, kDim, kRed, kGreen, kCyan };

// `text` in the colour when `on`, as it is otherwise.
[[nodiscard]] std::string coloured(bool on, Colour colour, std::string_view text);

// Text of a store for a person's eyes: control characters, which could drive a terminal, as \xNN.
[[nodiscard]] std::string printable(std::string_view text);

// How many columns UTF-8 text takes, each code point counted as one; and its first `columns` of them.
[[nodiscard]] std::size_t columns_of(std::string_view text);
[[nodiscard]] std::string_view first_columns(std::string_view text, std::size_t columns);

}  // namespace eventsource::cli
