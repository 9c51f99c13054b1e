// A pull reader over the top-level members of a stored JSON object. It allocates nothing.
// Thread rule: one object per reading, used by one thread.
#include "core/base/json/members.hpp"

#include "core/base/json/bytes.hpp"

namespace eventsource::core::json {
namespace {

std::string_view slice(const char* first, const char* last) noexcept {
  return {first, static_cast<std::size_t>(last - first)};
}

// `at` is behind an opening quote. Gives the closing quote, or nullptr.
const char* closing_quote(const char* at, const char* end) noexcept {
  for (;;) {
    at = find_quote(at, end);
    if (at == end) return nullptr;
    if (*at == '"') return at;
    if (end - at < 2) return nullptr;
    at += 2;
  }
}

// `at` is at an opening bracket. Gives what is behind the closing one, or nullptr.
const char* skip_container(const char* at, const char* end) noexcept {
  std::size_t depth = 0;
  for (; at != end; ++at) {
    switch (*at) {
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        if (--depth == 0) return at + 1;
        break;
      case '"':
        at = closing_quote(at + 1, end);
        if (at == nullptr) return nullptr;
        break;
      default:
        break;
    }
  }
  return nullptr;
}

bool is_scalar_byte(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '+' || c == '.' || c == 'E';
}

}  // namespace

Members::Members(std::string_view object) noexcept : begin_(object.data()), at_(begin_), end_(begin_ + object.size()) {
  at_ = skip_space(at_, end_);
  if (at_ == end_ || *at_ != '{') {
    stop(State::kMalformed);
  } else {
    ++at_;
  }
}

Members::Members(std::string_view object, std::size_t resume_at) noexcept : Members(object) {
  if (resume_at == 0 || state_ == State::kMalformed) return;
  at_ = begin_ + resume_at;
  state_ = State::kLater;
}

bool Members::stop(State state) noexcept {
  state_ = state;
  key_ = {};
  value_ = {};
  return false;
}

bool Members::next() noexcept {
  if (state_ == State::kEnd || state_ == State::kMalformed) return false;
  at_ = skip_space(at_, end_);
  if (at_ != end_ && *at_ == '}') {
    return stop(skip_space(at_ + 1, end_) == end_ ? State::kEnd : State::kMalformed);
  }
  if (state_ == State::kLater) {
    if (at_ == end_ || *at_ != ',') return stop(State::kMalformed);
    at_ = skip_space(at_ + 1, end_);
  }
  if (!read_key() || !read_value()) return stop(State::kMalformed);
  state_ = State::kLater;
  return true;
}

bool Members::read_key() noexcept {
  if (at_ == end_ || *at_ != '"') return false;
  const char* const quote = closing_quote(at_ + 1, end_);
  if (quote == nullptr) return false;
  key_ = slice(at_ + 1, quote);
  at_ = skip_space(quote + 1, end_);
  if (at_ == end_ || *at_ != ':') return false;
  at_ = skip_space(at_ + 1, end_);
  return true;
}

bool Members::read_value() noexcept {
  if (at_ == end_) return false;
  const char* const first = at_;
  if (*at_ == '"') {
    const char* const quote = closing_quote(at_ + 1, end_);
    if (quote == nullptr) return false;
    at_ = quote + 1;
  } else if (*at_ == '{' || *at_ == '[') {
    const char* const behind = skip_container(at_, end_);
    if (behind == nullptr) return false;
    at_ = behind;
  } else {
    while (at_ != end_ && is_scalar_byte(*at_)) ++at_;
    if (at_ == first) return false;
  }
  value_ = slice(first, at_);
  return true;
}

std::string_view Members::rest() const noexcept {
  if (state_ != State::kLater) return {};
  const char* const comma = skip_space(at_, end_);
  if (comma == end_ || *comma != ',') return {};
  const char* last = end_;
  while (last != comma && is_space(last[-1])) --last;
  if (last - comma < 2 || last[-1] != '}') return {};
  return slice(comma + 1, last - 1);
}

}  // namespace eventsource::core::json
