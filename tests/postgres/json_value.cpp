#include "tests/postgres/json_value.hpp"

#include <charconv>
#include <cstdint>
#include <map>
#include <stdexcept>

namespace postgres_test {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::string whole() {
    std::string result = value();
    skip();
    if (at_ != text_.size()) broken();
    return result;
  }

 private:
  [[noreturn]] void broken() const { throw std::runtime_error("no JSON at byte " + std::to_string(at_)); }
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }
  bool take(char c) {
    skip();
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void require(char c) {
    if (!take(c)) broken();
  }

  std::string value() {
    if (take('{')) return object();
    if (take('[')) return array();
    if (peek() == '"') return string();
    if (peek() == '-' || (peek() >= '0' && peek() <= '9')) return number();
    for (const std::string_view word : {"true", "false", "null"}) {
      if (text_.substr(at_, word.size()) != word) continue;
      at_ += word.size();
      return std::string(word);
    }
    broken();
  }

  std::string object() {
    std::map<std::string, std::string> members;
    if (!take('}')) {
      do {
        skip();
        std::string key = string();
        require(':');
        members[std::move(key)] = value();
      } while (take(','));
      require('}');
    }
    std::string result = "{";
    for (const auto& [key, member] : members) result.append(key).append(":").append(member).append(",");
    return result + "}";
  }

  std::string array() {
    std::string result = "[";
    if (!take(']')) {
      do result.append(value()).append(",");
      while (take(','));
      require(']');
    }
    return result + "]";
  }

  // Framed by its length, since what is inside is not escaped.
  std::string string() {
    require('"');
    std::string inside;
    while (peek() != '"') {
      if (at_ >= text_.size()) broken();
      const char c = text_[at_++];
      inside += c == '\\' ? escape() : std::string(1, c);
    }
    ++at_;
    return "s" + std::to_string(inside.size()) + ":" + inside;
  }

  std::string escape() {
    const char letter = peek();
    ++at_;
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (letter != 'u') {
      const std::size_t index = kLetters.find(letter);
      if (index == std::string_view::npos) broken();
      return std::string(1, kMeanings[index]);
    }
    std::uint32_t c = unit();
    if (c >= 0xD800 && c < 0xDC00) {
      at_ += 2;  // the backslash and the u of the other half
      c = 0x10000 + ((c - 0xD800) << 10U) + (unit() - 0xDC00);
    }
    return utf8(c);
  }

  std::uint32_t unit() {
    std::uint32_t c = 0;
    if (text_.size() - at_ < 4) broken();
    if (std::from_chars(text_.data() + at_, text_.data() + at_ + 4, c, 16).ptr != text_.data() + at_ + 4) broken();
    at_ += 4;
    return c;
  }

  static std::string utf8(std::uint32_t c) {
    if (c < 0x80) return std::string(1, static_cast<char>(c));
    std::string bytes;
    std::uint32_t lead = 0x40;  // what a lead byte can't hold, halved with each byte behind it
    for (; bytes.empty() || c >= lead; lead >>= 1U, c >>= 6U)
      bytes.insert(0, 1, static_cast<char>(0x80U | (c & 0x3FU)));
    return bytes.insert(0, 1, static_cast<char>((0xFFU ^ (2 * lead - 1)) | c));
  }

  std::string digits() {
    const std::size_t first = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return std::string(text_.substr(first, at_ - first));
  }

  // Its digits without zeros at either end, and the power of ten of the last one.
  std::string number() {
    const bool is_negative = take('-');
    std::string all = digits();
    std::int64_t power = 0;
    if (peek() == '.') {
      ++at_;
      const std::string fraction = digits();
      all += fraction;
      power = -static_cast<std::int64_t>(fraction.size());
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      const bool is_small = peek() == '-';
      if (peek() == '-' || peek() == '+') ++at_;
      const std::int64_t exponent = std::stoll(digits());
      power += is_small ? -exponent : exponent;
    }
    const std::size_t first = all.find_first_not_of('0');
    if (first == std::string::npos) return "0";
    const std::size_t last = all.find_last_not_of('0');
    power += static_cast<std::int64_t>(all.size() - 1 - last);
    return (is_negative ? "-" : "") + all.substr(first, last - first + 1) + "e" + std::to_string(power);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::string json_value(std::string_view text) {
  return Reader(text).whole();
}

}  // namespace postgres_test
