// Escapes: undone as RFC 8259 has them, written as Python's json.dumps(ensure_ascii=False) does.
#include <array>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <string_view>

#include "core/base/json/scan.hpp"
#include "core/base/json/string.hpp"

namespace eventsource::core::json {
namespace {

using std::string_view_literals::operator""sv;

TEST(JsonString, UndoesEscapes) {
  struct Case {
    std::string_view raw;
    std::string_view text;
  };
  constexpr std::array kCases = {
      Case{"", ""},
      Case{"plain text longer than one word", "plain text longer than one word"},
      Case{R"(\"\\\/\b\f\n\r\t)", "\"\\/\b\f\n\r\t"},
      Case{R"(\u0041\u00e9\u20AC\uFFFF)", "A\xC3\xA9\xE2\x82\xAC\xEF\xBF\xBF"},
      Case{R"(\u0001\u007f\u0080\u07ff\u0800)", "\x01\x7f\xC2\x80\xDF\xBF\xE0\xA0\x80"},
      Case{R"(x\ud83d\ude00y)", "x\xF0\x9F\x98\x80y"},
      Case{R"(\ud800\udc00\uDBFF\uDFFF)", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"},
      Case{"\xC3\xA9\\n\xE6\x97\xA5", "\xC3\xA9\n\xE6\x97\xA5"},
      Case{R"(a\\u0041)", "a\\u0041"},
  };
  for (const Case& c : kCases) {
    std::string out = "left over";
    EXPECT_TRUE(unescape(c.raw, out)) << c.raw;
    EXPECT_EQ(out, c.text) << c.raw;
  }
}

TEST(JsonString, RefusesWhatIsNoStringBody) {
  constexpr std::array kBad = {"\\"sv,
                               "\\x"sv,
                               "\\u"sv,
                               "\\u12"sv,
                               "\\u12g4"sv,
                               "\\u0000"sv,
                               "\\ud800"sv,
                               "\\udc00"sv,
                               "\\ud800x"sv,
                               "\\ud800\\"sv,
                               "\\ud800\\u"sv,
                               "\\ud800\\n1234"sv,
                               "\\ud800\\ud800"sv,
                               "\\ud800\\u00"sv,
                               "a\"b"sv,
                               "a\nb"sv,
                               "\0"sv,
                               "\\\0"sv,
                               "\xC3\xA9\\"sv};
  for (const std::string_view raw : kBad) {
    std::string out;
    EXPECT_FALSE(unescape(raw, out)) << raw;
  }
}

// The right sides are what json.dumps(text, ensure_ascii=False) gives in Python 3.11.
TEST(JsonString, WritesAsPythonDoes) {
  struct Case {
    std::string_view text;
    std::string_view json;
  };
  constexpr std::array kCases = {
      Case{""sv, R"("")"sv},
      Case{"plain / text 'quoted'"sv, R"("plain / text 'quoted'")"sv},
      Case{"\"\\\n\r\t\b\f"sv, R"("\"\\\n\r\t\b\f")"sv},
      Case{"\0\x01\x0b\x1f\x7f"sv, "\"\\u0000\\u0001\\u000b\\u001f\x7f\""sv},
      Case{"\xC3\xA9\xE2\x80\xA8\xF0\x9F\x98\x80"sv, "\"\xC3\xA9\xE2\x80\xA8\xF0\x9F\x98\x80\""sv},
      Case{"12345678\"12345678\\"sv, R"("12345678\"12345678\\")"sv},
  };
  for (const Case& c : kCases) {
    std::string out = "[";
    append_quoted(out, c.text);
    EXPECT_EQ(out, "[" + std::string(c.json));
  }
}

TEST(JsonString, WhatIsWrittenIsReadBack) {
  constexpr std::array kPieces = {"a"sv,       "\""sv, "\\"sv, "\n"sv, "\x1f"sv, "\xC3\xA9"sv, "\xF0\x9F\x98\x80"sv,
                                  "12345678"sv};
  std::mt19937 random(99);
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    for (std::size_t pieces = random() % 12; pieces > 0; --pieces) {
      text += kPieces[random() % kPieces.size()];
    }
    std::string json;
    append_quoted(json, text);
    ASSERT_TRUE(check_value(json).ok()) << json;
    std::string back;
    ASSERT_TRUE(unescape(std::string_view(json).substr(1, json.size() - 2), back));
    ASSERT_EQ(back, text);
  }
}

}  // namespace
}  // namespace eventsource::core::json
