// Strings: escapes, pairs of surrogates, UTF-8 and what is not.
#include <algorithm>

#include "tests/postgres/json_corpus.hpp"

namespace postgres_test {
namespace {

using std::string_view_literals::operator""sv;

std::string code_point_bytes(unsigned c, int length) {
  std::string bytes;
  constexpr unsigned kLead[] = {0, 0, 0xC0, 0xE0, 0xF0, 0xF8, 0xFC};
  for (int i = 0; i < length - 1; ++i) bytes.insert(bytes.begin(), static_cast<char>(0x80U | (c >> (6 * i) & 0x3FU)));
  return bytes.insert(0, 1, static_cast<char>(length == 1 ? c : kLead[length] | c >> (6 * (length - 1))));
}

}  // namespace

Texts escape_texts() {
  Texts texts;
  for (int c = 0; c < 256; ++c) {
    const std::string byte(1, static_cast<char>(c));
    add_string(texts, "\\" + byte);
    add_string(texts, "a\\" + byte + "0041b");
  }
  for (const char* inside :
       {"\\",          "\\\\\\",  "\\u",       "\\u0",    "\\u00",
        "\\u004",      "\\u0041", "\\u00411",  "\\uD7FF", "\\uE000",
        "\\u000g",     "\\u 041", "\\u-041",   "\\u+041", "\\u0x41",
        "\\U0041",     "\\u{41}", "\\x41",     "\\101",   "\\\\u0000",
        "\\\\\\u0000", "\\u0000", "a\\u0000b", "\\u0001", "\\u001f",
        "\\u007f",     "\\u0080", "\\ufffe",   "\\uFFFF", "\\ufdd0",
        "\\ufeff",     "\\u2028", "\\u005c",   "\\u0022", "\\u005C\\u0075\\u0030\\u0030\\u0030\\u0030",
        "\\'",         "\\a",     "\\v",       "\\0",     "\\e",
        "\\ "}) {
    add_string(texts, inside);
  }
  // Halves of pairs beside each other and beside whatever may part them.
  const Texts parts = {"\\ud83d", "\\uDE00",      "\\uD800",          "\\udc00", "\\uDBFF",
                       "\\uDFFF", "\\u0041",      "\\u0000",          "\\n",     "\\\\",
                       "a",       "\xED\xA0\xBD", "\xF0\x9F\x98\x80", "\\uD7FF", "\\ue000"};
  for (const std::string& first : parts) {
    add_string(texts, first);
    for (const std::string& second : parts) {
      add_string(texts, first + second);
      for (const std::string& third : parts) texts.push_back("\"" + first + second + third + "\"");
    }
  }
  // Every unit near a border.
  for (const unsigned border : {0x0U, 0x20U, 0x80U, 0x800U, 0xD800U, 0xDC00U, 0xE000U, 0xFDD0U, 0xFDF0U, 0xFFFFU}) {
    for (unsigned unit = border - std::min(border, 2U); unit <= std::min(border + 2, 0xFFFFU); ++unit) {
      for (const bool upper : {false, true}) add_string(texts, hex_escape(unit, upper));
    }
  }
  return texts;
}

Texts utf8_texts() {
  Texts texts;
  for (int c = 0; c < 256; ++c) {
    const std::string byte(1, static_cast<char>(c));
    add_string(texts, byte);
    add_string(texts, byte + "\x80");
    add_string(texts, byte + "\xBF\xBF");
    add_string(texts, byte + "\x80\x80\x80");
    add_string(texts, "a" + byte + "\xA0\x80z");
    texts.push_back(byte);
    texts.push_back(byte + "[]");
    texts.push_back("[]" + byte);
    texts.push_back("[" + byte + "1" + byte + "]");
    texts.push_back("{\"a\"" + byte + ":" + byte + "1}");
  }
  // Code points at every border, in every length: the short ones are the only good ones.
  for (const unsigned border :
       {0x0U,      0x1U,      0x7FU,     0x80U,     0x7FFU,    0x800U,     0xD7FFU,    0xD800U,    0xDBFFU,  0xDC00U,
        0xDFFFU,   0xE000U,   0xFDD0U,   0xFEFFU,   0xFFFDU,   0xFFFEU,    0xFFFFU,    0x10000U,   0x1FFFEU, 0xFFFFFU,
        0x10FFFEU, 0x10FFFFU, 0x110000U, 0x1FFFFFU, 0x200000U, 0x3FFFFFFU, 0x4000000U, 0x7FFFFFFFU}) {
    for (int length = 1; length <= 6; ++length) {
      const unsigned bits = length == 1 ? 7 : static_cast<unsigned>(5 * length + 1);
      if (border >> bits != 0) continue;
      const std::string bytes = code_point_bytes(border, length);
      add_string(texts, bytes);
      add_string(texts, "a" + bytes + "b");
      // Cut short: at the quote, and at the end of the text.
      for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
        add_string(texts, bytes.substr(0, cut));
        texts.push_back("\"" + bytes.substr(0, cut));
      }
    }
  }
  for (const std::string_view text :
       {"\xEF\xBB\xBF"sv, "\xEF\xBB\xBF{}"sv, "{}\xEF\xBB\xBF"sv, "[\xEF\xBB\xBF]"sv, "\xFF\xFE{\0}\0"sv,
        "\xFE\xFF\0{\0}"sv, "\0{\0}"sv, "{}\0"sv, "\0{}"sv, "\"a\0b\""sv, "\xEF\xBB{}"sv}) {
    texts.emplace_back(text);
  }
  return texts;
}

}  // namespace postgres_test
