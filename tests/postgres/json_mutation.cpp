#include "tests/postgres/json_mutation.hpp"

#include <algorithm>

namespace postgres_test {
namespace {

constexpr int kDepth = 4;

// Pieces of JSON and near it; what stands beside them decides what they are.
constexpr std::string_view kPieces[] = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "{}",
    "[]",
    "\"\"",
    "\"a\":1",
    ",\"a\":1",
    "null",
    "true",
    "false",
    "nul",
    "NaN",
    "0",
    "-",
    "+",
    ".",
    "e",
    "E+",
    "1e",
    "e-5",
    "00",
    "-0",
    "1.0",
    ".5",
    "1e131071",
    "1e131072",
    "1e-16383",
    "1e-16384",
    "_",
    "0x1",
    "\\u0000",
    "\\u0041",
    "\\ud83d",
    "\\ude00",
    "\\ud83d\\ude00",
    "\\u",
    "\\u00",
    "\\n",
    "\\/",
    "\\\\",
    "\\x",
    " ",
    "\n",
    "\t",
    "\r",
    "\f",
    "\x01",
    "\x1f",
    "\x7f",
    "\x80",
    "\xc3",
    "\xc3\xa9",
    "\xc0\x80",
    "\xed\xa0\x80",
    "\xef\xbb\xbf",
    "\xef\xbf\xbf",
    "\xf0\x9f\x98\x80",
    "\xf4\x90\x80\x80",
    "\xff",
    "/*",
    "*/",
    "//",
    "#",
    "'",
};

}  // namespace

std::string JsonMutation::object() {
  return members(0);
}

std::string JsonMutation::value(int depth) {
  switch (below(depth < kDepth ? 7 : 5)) {
    case 0:
      return std::string(one_of({"null", "true", "false"}));
    case 1:
    case 2:
      return number();
    case 3:
    case 4:
      return string(12);
    case 5:
      return members(depth);
    default:
      return elements(depth);
  }
}

std::string JsonMutation::members(int depth) {
  std::string text = "{";
  for (std::size_t i = below(6); i > 0; --i) {
    // Its number makes it a key that comes once.
    std::string key = string(3);
    key.insert(key.size() - 1, std::to_string(i));
    text += one_of({"", "", " ", "\n  "});
    text += key;
    text += one_of({":", ": ", " :"});
    text += value(depth + 1);
    if (i > 1) text += ',';
  }
  return text + "}";
}

std::string JsonMutation::elements(int depth) {
  std::string text = "[";
  for (std::size_t i = below(5); i > 0; --i) {
    text += value(depth + 1);
    if (i > 1) text += one_of({",", ", ", "\t,"});
  }
  return text + "]";
}

std::string JsonMutation::string(std::size_t most) {
  std::string text = "\"";
  for (std::size_t i = below(most + 1); i > 0; --i) {
    text += one_of({"a",
                    "b",
                    "Z",
                    "7",
                    " ",
                    "{",
                    "]",
                    ",",
                    ":",
                    "/",
                    "\\\"",
                    "\\\\",
                    "\\/",
                    "\\n",
                    "\\b",
                    "\\u0041",
                    "\\u00e9",
                    "\\uFFFF",
                    "\\ud83d\\ude00",
                    "\x7f",
                    "\xc3\xa9",
                    "\xe2\x82\xac",
                    "\xef\xbf\xbe",
                    "\xf0\x9f\x98\x80"});
  }
  return text + "\"";
}

std::string JsonMutation::digits(std::size_t most) {
  std::string text;
  for (std::size_t i = 1 + below(most); i > 0; --i) text += static_cast<char>('0' + below(10));
  return text;
}

std::string JsonMutation::whole_part(std::size_t most) {
  if (below(3) == 0) return "0";
  std::string text = digits(most);
  if (text.front() == '0') text.front() = '1';
  return text;
}

std::string JsonMutation::number() {
  std::string text(one_of({"", "", "-"}));
  text += whole_part(18);
  if (below(2) == 0) text += "." + digits(6);
  if (below(3) != 0) return text;
  text += one_of({"e", "E", "e+", "e-", "E-"});
  return text + digits(2);
}

std::string JsonMutation::number_at_a_limit() {
  constexpr std::size_t kNear[] = {131072, 16383};
  constexpr std::size_t kFar[] = {1073741823, 2147483647, 4294967296};
  std::string text(one_of({"", "-"}));
  text += whole_part(6);
  if (below(3) != 0) {
    text.append(".").append(below(6), '0');
    text += digits(4);
  }
  text += one_of({"e", "E+", "e-"});
  // As near as the digits above can shift it.
  std::size_t exponent = below(5) == 0 ? kFar[below(3)] : kNear[below(2)];
  exponent += below(32);
  return text + std::to_string(exponent - 16);
}

std::string JsonMutation::spoil(std::string text) {
  for (std::size_t i = 1 + below(3); i > 0; --i) change(text);
  return text;
}

void JsonMutation::change(std::string& text) {
  const std::size_t at = below(text.size() + 1);
  const std::size_t longest = below(4) == 0 ? 20 : 2;
  const std::size_t length = std::min(1 + below(longest), text.size() - at);
  switch (below(8)) {
    case 0:
      text.insert(at, 1, static_cast<char>(below(256)));
      break;
    case 1:
      text.replace(at, std::min<std::size_t>(length, 1), 1, static_cast<char>(below(128)));
      break;
    case 2:
      text.erase(at, length);
      break;
    case 3:
      text.insert(below(text.size() + 1), std::string(text, at, length));
      break;
    case 4:
      text.replace(at, length, one_of(kPieces));
      break;
    case 5:
      text.insert(at, value(kDepth - 1));
      break;
    case 6:
      repeat_member(text, at);
      break;
    default:
      text.insert(at, one_of(kPieces));
      break;
  }
}

// What stands between two commas, often a member, comes twice.
void JsonMutation::repeat_member(std::string& text, std::size_t at) {
  const std::size_t first = text.find(',', at);
  if (first == std::string::npos) return;
  const std::size_t last = text.find(',', first + 1);
  if (last != std::string::npos) text.insert(last, text.substr(first, last - first));
}

}  // namespace postgres_test
