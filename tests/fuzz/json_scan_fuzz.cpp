// libFuzzer target: whatever the bytes, the scan and the readers stay within them and agree.
// Thread rule: one thread.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "core/base/json/members.hpp"
#include "core/base/json/scan.hpp"
#include "core/base/json/string.hpp"
#include "core/base/utf8.hpp"

namespace {

namespace json = eventsource::core::json;
using eventsource::core::valid_utf8;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken invariant: %s\n", what);
  std::abort();
}

bool only_marks(std::string_view gap, std::string_view marks) {
  std::string seen;
  for (const char c : gap) {
    if (std::string_view(" \t\r\n").find(c) == std::string_view::npos) seen.push_back(c);
  }
  return seen == marks;
}

// The slices and the marks between them are the whole object, and each stands for itself.
void check_members_of_valid(std::string_view object) {
  json::Members members(object);
  std::set<std::string> keys;
  std::string key;
  std::string joined = "{";
  std::size_t behind = 0;
  std::size_t count = 0;
  while (members.next()) {
    const std::size_t value_at = members.value_offset();
    const std::size_t key_end = members.key_offset() + members.raw_key().size() + 2;
    require(only_marks(object.substr(behind, members.key_offset() - behind), count ? "," : "{"),
            "only marks stand before a key");
    require(only_marks(object.substr(key_end, value_at - key_end), ":"), "only a colon stands before a value");
    require(json::unescape(members.raw_key(), key), "the key of a valid object can be unescaped");
    require(valid_utf8(key), "an unescaped key is UTF-8");
    require(keys.insert(key).second, "a valid object has no key twice");
    require(json::check_value(members.raw_value()).ok(), "a value of a valid object is valid");
    if (count++ > 0) joined += ',';
    joined += '"';
    joined += members.raw_key();
    joined += "\":";
    joined += members.raw_value();
    behind = value_at + members.raw_value().size();
  }
  require(!members.malformed(), "a valid object is walked to its end");
  require(only_marks(object.substr(behind), count ? "}" : "{}"), "only marks stand at the end");
  require(json::check_object(joined + "}").ok(), "the joined slices are an object");
}

// What the engine does with user data: put it behind the envelope, and take it out again.
void check_stored_form(std::string_view object) {
  const std::string_view inner = json::object_members(object);
  std::string stored = R"({"metadata":{})";
  if (!inner.empty()) stored.append(",").append(inner);
  stored += '}';
  require(json::check_object(stored).ok(), "user data fits behind an envelope");
  json::Members members(stored);
  require(members.next() && members.rest() == inner, "user data comes out byte for byte");
}

void check_garbage_stays_inside(std::string_view bytes) {
  json::Members members(bytes);
  while (members.next()) {
    require(members.value_offset() + members.raw_value().size() <= bytes.size(), "a slice lies inside");
    require(members.rest().size() < bytes.size(), "the rest lies inside");
  }
  std::string text;
  static_cast<void>(json::unescape(bytes, text));
  static_cast<void>(json::object_members(bytes));
}

void check_quoting(std::string_view bytes) {
  if (!valid_utf8(bytes)) return;
  std::string quoted;
  json::append_quoted(quoted, bytes);
  const json::Verdict verdict = json::check_value(quoted);
  if (bytes.find('\0') != std::string_view::npos) {
    require(verdict.fault == json::Fault::kNulCharacter, "a quoted NUL is refused as one");
    return;
  }
  require(verdict.ok(), "quoted text is valid");
  std::string back;
  require(json::unescape(std::string_view(quoted).substr(1, quoted.size() - 2), back) && back == bytes,
          "quoted text comes back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const json::Verdict value = json::check_value(bytes);
  const json::Verdict object = json::check_object(bytes);
  const json::Verdict user = json::check_user_object(bytes);
  for (const json::Verdict& verdict : {value, object, user}) {
    require(verdict.offset <= size, "a fault lies inside");
    require(!verdict.ok() || verdict.offset == 0, "no fault has no offset");
  }
  require(object.fault == value.fault || object.fault == json::Fault::kNotAnObject, "an object is judged as a value");
  require(user.fault == object.fault || user.fault == json::Fault::kReservedKey, "user data is judged as an object");
  if (value.ok()) {
    require(valid_utf8(bytes), "valid JSON is UTF-8");
    const json::Verdict wrapped = json::check_value("[" + std::string(bytes) + "]");
    require(wrapped.ok() || wrapped.fault == json::Fault::kTooDeep, "a list of a value is valid");
  }
  if (object.ok()) check_members_of_valid(bytes);
  if (user.ok()) check_stored_form(bytes);
  check_garbage_stays_inside(bytes);
  check_quoting(bytes);
  return 0;
}
