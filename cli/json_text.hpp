// JSON strings, and raw JSON laid out for reading. Values keep their bytes.
// Thread rule: pure functions; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace eventsource::cli {

// Appends `text` as a JSON string. Valid UTF-8 stays as it is.
void append_json_string(std::string& out, std::string_view text);

// The text of a raw JSON string, quotes included, or nothing when it is none. Points into `raw` where it holds no
// escape, and into `store` otherwise.
std::optional<std::string_view> json_string(std::string_view raw, std::string& store);

// A raw JSON value with one member a line, each level two spaces deeper, below `indent` spaces. Numbers and strings stay
// as they are; keys are coloured when `colour`.
std::string indented_json(std::string_view raw, std::size_t indent, bool colour);

}  // namespace eventsource::cli
