// The one validating scan of JSON that a user hands in: events, metadata, snapshots.
// Thread rule: pure functions, callable from any thread.
#include "core/base/json/scan.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "core/base/defect.hpp"
#include "core/base/json/bytes.hpp"
#include "core/base/json/keys.hpp"
#include "core/base/json/number.hpp"
#include "core/base/json/string.hpp"
#include "core/base/utf8.hpp"

namespace eventsource::core::json {
namespace {

enum class Want : std::uint8_t { kValue, kObject, kUserObject };

// Containers are kept on an own stack of fixed size, so that depth costs no recursion. Functions
// that give bool give false once a fault is recorded.
class Scanner {
 public:
  Scanner(std::string_view json, Want want) noexcept
      : begin_(json.data()), at_(begin_), end_(begin_ + json.size()), want_(want) {}

  Verdict run() {
    if (document()) return {Fault::kNone, 0, growth_};
    return {fault_, offset_};
  }

 private:
  struct String {
    std::string_view body;
    bool escaped;
  };

  static constexpr std::size_t kArray = static_cast<std::size_t>(-1);

  bool fail(Fault fault, const char* where) noexcept {
    fault_ = fault;
    offset_ = static_cast<std::size_t>(where - begin_);
    return false;
  }

  [[nodiscard]] bool sees(char c) const noexcept { return at_ != end_ && *at_ == c; }
  void skip() noexcept { at_ = skip_space(at_, end_); }
  [[nodiscard]] bool in_object() const noexcept { return levels_[depth_ - 1] != kArray; }

  bool document();
  bool values();
  bool value(bool& opened);
  bool open(char close, bool& opened);
  bool key();
  bool string(String& out);
  bool escape(const char*& at);
  bool number();
  bool literal(std::string_view word);

  const char* const begin_;
  const char* at_;
  const char* const end_;
  const Want want_;
  Fault fault_ = Fault::kNone;
  std::size_t offset_ = 0;
  std::size_t growth_ = 0;
  std::size_t depth_ = 0;
  // For each open container: where its keys start, or kArray.
  std::array<std::size_t, kMaxDepth> levels_;
  OpenKeys keys_;
  std::string unescaped_;
};

bool Scanner::document() {
  if (std::string_view(begin_, static_cast<std::size_t>(end_ - begin_)).starts_with("\xEF\xBB\xBF")) {
    return fail(Fault::kBom, begin_);
  }
  skip();
  if (at_ == end_) return fail(Fault::kEmpty, end_);
  if (want_ != Want::kValue && *at_ != '{') return fail(Fault::kNotAnObject, at_);
  if (!values()) return false;
  skip();
  return at_ == end_ || fail(Fault::kTrailingBytes, at_);
}

bool Scanner::values() {
  for (;;) {
    bool opened = false;
    skip();
    if (!value(opened)) return false;
    while (!opened) {  // a value has ended, and with it perhaps the containers around it
      if (depth_ == 0) return true;
      skip();
      if (sees(',')) {
        ++at_;
        break;
      }
      if (!sees(in_object() ? '}' : ']')) return fail(Fault::kSyntax, at_);
      ++at_;
      --depth_;
      if (levels_[depth_] != kArray) {
        const std::size_t again = keys_.close(levels_[depth_]);
        if (again != OpenKeys::kNoDuplicate) return fail(Fault::kDuplicateKey, begin_ + again);
      }
    }
    if (in_object() && !key()) return false;
  }
}

// Reads a scalar or an empty container, or opens a container that has content.
bool Scanner::value(bool& opened) {
  if (at_ == end_) return fail(Fault::kSyntax, end_);
  String text{};
  switch (*at_) {
    case '"':
      return string(text);
    case '{':
      return open('}', opened);
    case '[':
      return open(']', opened);
    case 't':
      return literal("true");
    case 'f':
      return literal("false");
    case 'n':
      return literal("null");
    default:
      if (*at_ == '-' || is_digit(*at_)) return number();
      return fail(Fault::kSyntax, at_);
  }
}

bool Scanner::open(char close, bool& opened) {
  if (depth_ == kMaxDepth) return fail(Fault::kTooDeep, at_);
  ++at_;
  skip();
  if (sees(close)) {
    ++at_;
    return true;
  }
  levels_[depth_] = close == '}' ? keys_.mark() : kArray;
  ++depth_;
  opened = true;
  return true;
}

// Reads a key and its colon.
bool Scanner::key() {
  skip();
  if (!sees('"')) return fail(Fault::kSyntax, at_);
  const char* const quote = at_;
  String text{};
  if (!string(text)) return false;
  std::string_view name = text.body;
  if (text.escaped) {
    if (!unescape(text.body, unescaped_)) return fail(Fault::kSyntax, quote);
    name = keys_.keep(unescaped_);
  }
  if (depth_ == 1 && want_ == Want::kUserObject && is_envelope_key(name)) {
    return fail(Fault::kReservedKey, quote);
  }
  if (!keys_.add(levels_[depth_ - 1], name, static_cast<std::size_t>(quote - begin_))) {
    return fail(Fault::kDuplicateKey, quote);
  }
  skip();
  if (!sees(':')) return fail(Fault::kSyntax, at_);
  ++at_;
  return true;
}

bool Scanner::string(String& out) {
  const char* const body = at_ + 1;
  const char* at = body;
  for (;;) {
    at = find_special(at, end_);
    if (at == end_) return fail(Fault::kSyntax, end_);
    const auto c = static_cast<unsigned char>(*at);
    if (c == '"') break;
    if (c == '\\') {
      out.escaped = true;
      if (!escape(at)) return false;
    } else if (c < 0x20U) {
      return fail(Fault::kControlCharacter, at);
    } else {
      do {
        const std::size_t length = utf8_sequence(at, end_);
        if (length == 0) return fail(Fault::kUtf8, at);
        at += length;
      } while (at != end_ && static_cast<unsigned char>(*at) >= 0x80U);
    }
  }
  out.body = std::string_view(body, static_cast<std::size_t>(at - body));
  at_ = at + 1;
  return true;
}

// `at` is at a backslash and is moved behind the escape.
bool Scanner::escape(const char*& at) {
  const char* const start = at;
  if (end_ - start < 2) return fail(Fault::kSyntax, end_);
  if (start[1] != 'u') {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    if (kLetters.find(start[1]) == std::string_view::npos) return fail(Fault::kSyntax, start + 1);
    at = start + 2;
    return true;
  }
  std::uint32_t unit = 0;
  if (const char* const bad = read_hex4(start + 2, end_, unit)) return fail(Fault::kSyntax, bad);
  if (unit == 0) return fail(Fault::kNulCharacter, start);
  if (is_low_surrogate(unit)) return fail(Fault::kLoneSurrogate, start);
  at = start + 6;
  if (!is_high_surrogate(unit)) return true;
  std::uint32_t low = 0;
  const bool paired = end_ - at >= 6 && at[0] == '\\' && at[1] == 'u' && read_hex4(at + 2, end_, low) == nullptr &&
                      is_low_surrogate(low);
  if (!paired) return fail(Fault::kLoneSurrogate, start);
  at += 6;
  return true;
}

bool Scanner::number() {
  const NumberScan scan = scan_number(at_, end_);
  if (!scan.well_formed) return fail(Fault::kSyntax, scan.end);
  if (!ES_DEFECT(any_number) && !scan.in_range) return fail(Fault::kNumberRange, at_);
  const auto written = static_cast<std::size_t>(scan.end - at_);
  growth_ += std::max(scan.written_out, written) - written;
  at_ = scan.end;
  return true;
}

bool Scanner::literal(std::string_view word) {
  const std::string_view rest(at_, static_cast<std::size_t>(end_ - at_));
  if (!rest.starts_with(word)) {
    const auto differs = std::mismatch(word.begin(), word.end(), rest.begin(), rest.end());
    return fail(Fault::kSyntax, at_ + (differs.first - word.begin()));
  }
  at_ += word.size();
  return true;
}

}  // namespace

Verdict check_value(std::string_view json) {
  return Scanner(json, Want::kValue).run();
}

Verdict check_object(std::string_view json) {
  return Scanner(json, Want::kObject).run();
}

Verdict check_user_object(std::string_view json) {
  return Scanner(json, Want::kUserObject).run();
}

bool is_envelope_key(std::string_view key) noexcept {
  switch (key.size()) {
    case 8:
      return key == "event_id" || key == "actor_id" || key == "metadata";
    case 9:
      return key == "tenant_id";
    case 10:
      return key == "event_type";
    case 11:
      return key == "occurred_at";
    case 12:
      return key == "aggregate_id" || key == "causation_id";
    case 13:
      return key == "event_version";
    case 14:
      return key == "aggregate_type" || key == "correlation_id";
    case 17:
      return key == "aggregate_version";
    default:
      return false;
  }
}

std::string_view object_members(std::string_view object) noexcept {
  const char* first = object.data();
  const char* last = first + object.size();
  first = skip_space(first, last);
  while (last != first && is_space(last[-1])) --last;
  if (last - first < 2 || *first != '{' || last[-1] != '}') return {};
  ++first;
  --last;
  if (skip_space(first, last) == last) return {};
  return {first, static_cast<std::size_t>(last - first)};
}

std::string_view describe(Fault fault) noexcept {
  switch (fault) {
    case Fault::kNone:
      return "no fault";
    case Fault::kEmpty:
      return "the text is empty";
    case Fault::kBom:
      return "the text begins with a byte order mark";
    case Fault::kSyntax:
      return "the text is not JSON";
    case Fault::kNotAnObject:
      return "the value is not an object";
    case Fault::kTrailingBytes:
      return "more bytes follow the value";
    case Fault::kControlCharacter:
      return "a string holds a raw control character";
    case Fault::kUtf8:
      return "a string is not valid UTF-8";
    case Fault::kNulCharacter:
      return "a string holds the character \\u0000";
    case Fault::kLoneSurrogate:
      return "a string holds half of a surrogate pair";
    case Fault::kNumberRange:
      return "a number is outside the range of PostgreSQL's numeric";
    case Fault::kDuplicateKey:
      return "a key comes twice in one object";
    case Fault::kReservedKey:
      return "a key belongs to the event's envelope";
    case Fault::kTooDeep:
      return "objects and arrays nest deeper than 512 levels";
  }
  return "an unknown fault";
}

}  // namespace eventsource::core::json
