// JSON strings: undoing and writing escapes.
// Thread rule: pure functions, callable from any thread.
#include "core/base/json/string.hpp"

#include <cstdint>

#include "core/base/json/bytes.hpp"

namespace eventsource::core::json {
namespace {

void append_code_point(std::string& out, std::uint32_t c) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (c < 0x80U) {
    put(c);
  } else if (c < 0x800U) {
    put(0xC0U | c >> 6U);
    put(0x80U | (c & 0x3FU));
  } else if (c < 0x10000U) {
    put(0xE0U | c >> 12U);
    put(0x80U | (c >> 6U & 0x3FU));
    put(0x80U | (c & 0x3FU));
  } else {
    put(0xF0U | c >> 18U);
    put(0x80U | (c >> 12U & 0x3FU));
    put(0x80U | (c >> 6U & 0x3FU));
    put(0x80U | (c & 0x3FU));
  }
}

// `at` is behind "\u". Gives the end of the escape (of both halves of a pair), or nullptr.
const char* append_unicode_escape(const char* at, const char* end, std::string& out) {
  std::uint32_t unit = 0;
  if (read_hex4(at, end, unit) != nullptr || unit == 0 || is_low_surrogate(unit)) return nullptr;
  at += 4;
  if (is_high_surrogate(unit)) {
    std::uint32_t low = 0;
    if (end - at < 6 || at[0] != '\\' || at[1] != 'u') return nullptr;
    if (read_hex4(at + 2, end, low) != nullptr || !is_low_surrogate(low)) return nullptr;
    unit = 0x10000U + ((unit & 0x3FFU) << 10U) + (low & 0x3FFU);
    at += 6;
  }
  append_code_point(out, unit);
  return at;
}

// The character a one-letter escape stands for, or 0.
char simple_escape(char letter) noexcept {
  switch (letter) {
    case '"':
    case '\\':
    case '/':
      return letter;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

void append_control(std::string& out, char c) {
  constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out.push_back(kHex[static_cast<unsigned char>(c) >> 4U]);
      out.push_back(kHex[static_cast<unsigned char>(c) & 0xFU]);
  }
}

}  // namespace

bool unescape(std::string_view raw, std::string& out) {
  out.clear();
  const char* at = raw.data();
  const char* const end = at + raw.size();
  while (at != end) {
    const char* const stop = find_special(at, end);
    out.append(at, stop);
    at = stop;
    while (at != end && static_cast<unsigned char>(*at) >= 0x80U) out.push_back(*at++);
    if (at == stop && at != end) {
      if (*at != '\\' || end - at < 2) return false;
      if (at[1] == 'u') {
        at = append_unicode_escape(at + 2, end, out);
        if (at == nullptr) return false;
      } else {
        const char c = simple_escape(at[1]);
        if (c == 0) return false;
        out.push_back(c);
        at += 2;
      }
    }
  }
  return true;
}

void append_quoted(std::string& out, std::string_view utf8) {
  const char* at = utf8.data();
  const char* const end = at + utf8.size();
  out.push_back('"');
  const char* plain = at;
  while ((at = find_special(at, end)) != end) {
    const char c = *at;
    if (static_cast<unsigned char>(c) < 0x80U) {
      out.append(plain, at);
      if (c == '"' || c == '\\') {
        out.push_back('\\');
        out.push_back(c);
      } else {
        append_control(out, c);
      }
      plain = at + 1;
    }
    ++at;
  }
  out.append(plain, end);
  out.push_back('"');
}

}  // namespace eventsource::core::json
