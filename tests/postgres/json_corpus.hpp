// JSON and what is nearly JSON, written for the places where parsers differ.
// Thread rule: pure functions, callable from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postgres_test {

using Texts = std::vector<std::string>;

[[nodiscard]] Texts number_texts();
[[nodiscard]] Texts escape_texts();
[[nodiscard]] Texts utf8_texts();
[[nodiscard]] Texts structure_texts();
[[nodiscard]] Texts nested_texts();
[[nodiscard]] Texts key_texts();
// The inputs of the fuzz target json_scan.
[[nodiscard]] Texts fuzz_texts();

// All of the above.
[[nodiscard]] Texts corpus();

// A value stands at three places, since the end of the text may hide what a comma behind it shows.
void add_value(Texts& texts, const std::string& value);
// A string's inside, as a value and as a key.
void add_string(Texts& texts, const std::string& inside);
// "\u00e9" for 0xE9.
[[nodiscard]] std::string hex_escape(unsigned unit, bool upper);
[[nodiscard]] std::string repeat(std::string_view text, std::size_t count);
// The text for the output of a test: one line, cut.
[[nodiscard]] std::string shown(std::string_view text);

}  // namespace postgres_test
