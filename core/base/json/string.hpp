// JSON strings: undoing and writing escapes.
// Thread rule: pure functions, callable from any thread.
#pragma once

#include <string>
#include <string_view>

namespace eventsource::core::json {

// Replaces `out` by the text of a JSON string given without its quotes. False, with `out`
// unspecified, for a bad escape, a lone surrogate, the escape \u0000, a quote, or a raw control
// byte. Bytes above ASCII are copied: their UTF-8 was checked by the scan, or is the caller's to
// check.
[[nodiscard]] bool unescape(std::string_view raw, std::string& out);

// Appends `utf8` as a quoted JSON string, byte for byte as Python's
// json.dumps(text, ensure_ascii=False) writes it.
void append_quoted(std::string& out, std::string_view utf8);

}  // namespace eventsource::core::json
