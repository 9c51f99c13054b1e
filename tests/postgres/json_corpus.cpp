#include "tests/postgres/json_corpus.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace postgres_test {
namespace {

using std::string_view_literals::operator""sv;

void add_all(Texts& texts, Texts more) {
  std::move(more.begin(), more.end(), std::back_inserter(texts));
}

}  // namespace

Texts structure_texts() {
  Texts texts;
  for (const char* text : {"",
                           " ",
                           "\n\t\r ",
                           "{}",
                           "{ }",
                           "[]",
                           "[ ]",
                           "[\n]",
                           "{\t}",
                           "null",
                           "true",
                           "false",
                           "\"\"",
                           "\"a\"",
                           "0",
                           "nul",
                           "nulll",
                           "Null",
                           "NULL",
                           "tru",
                           "truee",
                           "True",
                           "fals",
                           "falsee",
                           "undefined",
                           "None",
                           "nil",
                           "a",
                           "'a'",
                           "`a`",
                           "(1)",
                           "<1>",
                           "[,]",
                           "[1,]",
                           "[,1]",
                           "[1,,2]",
                           "[1 2]",
                           "[1;2]",
                           "[1:2]",
                           "[1",
                           "[1,",
                           "[",
                           "]",
                           "[]]",
                           "[[]",
                           "[1]2",
                           "[][]",
                           "[],",
                           "{,}",
                           "{\"a\":1,}",
                           "{,\"a\":1}",
                           "{\"a\":1,,\"b\":2}",
                           "{\"a\":1 \"b\":2}",
                           "{\"a\":1;\"b\":2}",
                           "{\"a\"}",
                           "{\"a\",1}",
                           "{\"a\" 1}",
                           "{\"a\"::1}",
                           "{\"a\":}",
                           "{\"a\":,}",
                           "{\"a\":1:2}",
                           "{:1}",
                           "{a:1}",
                           "{'a':1}",
                           "{1:1}",
                           "{null:1}",
                           "{[]:1}",
                           "{{}:1}",
                           "{\"a\"=1}",
                           "{\"a\"=>1}",
                           "{\"a\":1",
                           "{\"a\":",
                           "{\"a\"",
                           "{\"a",
                           "{",
                           "}",
                           "{}}",
                           "{]",
                           "[}",
                           "{}{}",
                           "{} []",
                           "{};",
                           "{},",
                           "\"a\" \"b\"",
                           "\"a\"\"b\"",
                           "\"a",
                           "a\"",
                           "\"",
                           "\"\"\"",
                           "1 2",
                           "1,2",
                           "true false",
                           "null,",
                           "/**/{}",
                           "{}/**/",
                           "{/**/}",
                           "// a\n{}",
                           "{}// a",
                           "{}//",
                           "#a\n{}",
                           "{} # a",
                           "--1",
                           "[1]--",
                           "<!--{}-->",
                           "[1/**/]",
                           "{...}",
                           "[...]",
                           "*",
                           "{*}",
                           "@",
                           "$",
                           "\\",
                           "\\n",
                           "\\u0020{}",
                           "{}\\n",
                           "[\\n]",
                           "\xE2\x80\xA8{}",
                           "\xC2\xA0{}",
                           "{}\xC2\xA0",
                           "[\xE3\x80\x80]",
                           "\xE2\x80\x8B{}",
                           "[truefalse]",
                           "[nullnull]",
                           "[1null]",
                           "[null1]",
                           "[\"a\"1]",
                           "[1\"a\"]",
                           "[true\"a\"]",
                           "[tru\xC3\xA9]",
                           "[true\xC3\xA9]",
                           "[\xC3\xA9]",
                           "{\xC3\xA9:1}",
                           "[a\"b\"]",
                           "[1]a",
                           "{}a"}) {
    texts.emplace_back(text);
  }
  // Every kind of white space and near it, at each place where it may stand.
  for (const std::string_view space : {" "sv,
                                       "\t"sv,
                                       "\n"sv,
                                       "\r"sv,
                                       "\r\n"sv,
                                       "\v"sv,
                                       "\f"sv,
                                       "\b"sv,
                                       "\0"sv,
                                       "\x1C"sv,
                                       "\x1F"sv,
                                       "\x7F"sv,
                                       "\xC2\x85"sv,
                                       "\xC2\xA0"sv,
                                       "\xE1\x9A\x80"sv,
                                       "\xE2\x80\x80"sv,
                                       "\xE2\x80\xA8"sv,
                                       "\xE3\x80\x80"sv,
                                       "\xEF\xBB\xBF"sv,
                                       "    \n\n\t\t\r\r"sv}) {
    const std::string s(space);
    texts.push_back(s);
    texts.push_back(s + "{\"a\":[1,true]}" + s);
    texts.push_back("{" + s + "\"a\":1" + s + "}");
    texts.push_back("{\"a\"" + s + ":" + s + "1" + s + "," + s + "\"b\"" + s + ":[" + s + "null" + s + "," + s + "2" +
                    s + "]}");
    texts.push_back("[" + s + "]");
    texts.push_back("{" + s + "}");
    texts.push_back("[1" + s + "2]");
    texts.push_back("[-" + s + "1]");
    texts.push_back("tr" + s + "ue");
    texts.push_back("\"a" + s + "b\"");
    texts.push_back("{\"" + s + "\":0}");
  }
  return texts;
}

Texts nested_texts() {
  Texts texts;
  for (const std::size_t depth : {1U, 2U, 64U, 510U, 511U, 512U, 513U, 514U, 1000U, 2000U}) {
    texts.push_back(repeat("[", depth) + repeat("]", depth));
    texts.push_back(repeat("[", depth) + "1" + repeat("]", depth));
    texts.push_back(repeat("{\"a\":", depth) + "1" + repeat("}", depth));
    texts.push_back(repeat("{\"a\":", depth - 1) + "{}" + repeat("}", depth - 1));
    texts.push_back(repeat("[{\"a\":", depth / 2) + "null" + repeat("}]", depth / 2));
    texts.push_back("{\"a\":[" + repeat("[],", depth) + "[]]}");
    texts.push_back("{\"b\":1,\"a\":" + repeat("[", depth - 1) + repeat("]", depth - 1) + ",\"c\":2}");
    // Not closed, or too often.
    texts.push_back(repeat("[", depth));
    texts.push_back(repeat("{\"a\":", depth));
    texts.push_back(repeat("[", depth) + repeat("]", depth + 1));
    texts.push_back(repeat("[", depth + 1) + repeat("]", depth));
  }
  for (const std::size_t depth : {100'000U, 1'000'000U}) {
    texts.push_back(repeat("[", depth));
    texts.push_back(repeat("[", depth) + repeat("]", depth));
  }
  return texts;
}

Texts key_texts() {
  Texts texts;
  for (const char* text :
       {R"({"a":1,"a":1})", R"({"a":1,"b":2,"a":3})", R"({"a":1,"\u0061":2})", R"({"\u0061":1,"\u0061":2})",
        R"({"a":{"a":1}})", R"({"a":{"b":1,"b":2}})", R"([{"a":1},{"a":1}])", R"([{"a":1,"a":2}])", R"({"":1,"":2})",
        R"({"":1," ":2})", R"({"a":1,"A":2})", R"({"\ud83d\ude00":1,"😀":2})", R"({"é":1,"e\u0301":2})",
        R"({"é":1,"\u00e9":2})", R"({"/":1,"\/":2})", R"({"\n":1,"\u000a":2})", R"({"__proto__":1})",
        R"({"a.b":1,"a":{"b":2}})"}) {
    texts.emplace_back(text);
  }
  for (const char* key : {"event_id", "event_type", "event_version", "occurred_at", "aggregate_id", "aggregate_type",
                          "aggregate_version", "tenant_id", "actor_id", "correlation_id", "causation_id", "metadata"}) {
    texts.push_back(std::string("{\"") + key + "\":1}");
    texts.push_back(std::string("{\"a\":{\"") + key + "\":{}},\"b\":[{\"" + key + "\":1}]}");
    texts.push_back("{\"" + hex_escape(static_cast<unsigned char>(key[0]), false) + (key + 1) + "\":1}");
    texts.push_back(std::string("{\"") + key + " \":1}");
  }
  // Many keys, the last one new or not; long keys that differ at their end.
  for (const int last : {0, 31, 32, 33, 499, 500}) {
    std::string object = "{";
    for (int i = 0; i < 500; ++i) object += "\"key" + std::to_string(i) + "\":" + std::to_string(i) + ",";
    texts.push_back(object + "\"key" + std::to_string(last) + "\":0}");
  }
  const std::string key = repeat("k", 70'000);
  texts.push_back("{\"" + key + "a\":1,\"" + key + "b\":2}");
  texts.push_back("{\"" + key + "a\":1,\"" + key + "a\":2}");
  return texts;
}

Texts fuzz_texts() {
  const char* const source = std::getenv("EVENTSOURCE_SOURCE_DIR");
  const std::string folder = std::string(source == nullptr ? "." : source) + "/tests/fuzz/corpus/json_scan";
  Texts texts;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(entry.path(), std::ios::binary);
    if (!in) throw std::runtime_error(entry.path().string() + " cannot be read");
    texts.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

Texts corpus() {
  Texts texts = number_texts();
  add_all(texts, escape_texts());
  add_all(texts, utf8_texts());
  add_all(texts, structure_texts());
  add_all(texts, nested_texts());
  add_all(texts, key_texts());
  add_all(texts, fuzz_texts());
  return texts;
}

void add_value(Texts& texts, const std::string& value) {
  texts.push_back(value);
  texts.push_back("[" + value + "]");
  texts.push_back("{\"a\":" + value + ",\"b\":" + value + "}");
}

void add_string(Texts& texts, const std::string& inside) {
  add_value(texts, "\"" + inside + "\"");
  texts.push_back("{\"" + inside + "\":0}");
}

std::string hex_escape(unsigned unit, bool upper) {
  char text[8];
  std::snprintf(text, sizeof text, upper ? "\\u%04X" : "\\u%04x", unit);
  return text;
}

std::string repeat(std::string_view text, std::size_t count) {
  std::string all;
  all.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

std::string shown(std::string_view text) {
  constexpr std::size_t kMost = 160;
  std::string line;
  for (const char c : text.substr(0, kMost)) {
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, "<%02X>", static_cast<unsigned>(static_cast<unsigned char>(c)));
    line += c >= ' ' && c <= '~' ? std::string(1, c) : std::string(escaped);
  }
  return text.size() > kMost ? line + "... (" + std::to_string(text.size()) + " bytes)" : line;
}

}  // namespace postgres_test
