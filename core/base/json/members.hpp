// A pull reader over the top-level members of a stored JSON object. It allocates nothing.
// Thread rule: one object per reading, used by one thread.
//
// It is made for objects that passed the scan. On other bytes it stays within them and stops, but
// it does not validate: it sees strings, balanced brackets and the marks between members only, and
// gives equal keys as often as they come.
#pragma once

#include <cstddef>
#include <string_view>

namespace eventsource::core::json {

class Members {
 public:
  // `object` must outlive the reader; white space around it is allowed.
  explicit Members(std::string_view object) noexcept;

  // Goes on behind a value that ended at byte `resume_at`; 0: from the first member.
  Members(std::string_view object, std::size_t resume_at) noexcept;

  // Moves to the next member. False at the end, and at garbage: malformed() tells which.
  [[nodiscard]] bool next() noexcept;

  // Of the current member: its key between the quotes, still escaped, and its value, both as exact
  // slices of the object.
  [[nodiscard]] std::string_view raw_key() const noexcept { return key_; }
  [[nodiscard]] std::string_view raw_value() const noexcept { return value_; }
  [[nodiscard]] std::size_t key_offset() const noexcept { return offset_of(key_.data()) - 1; }
  [[nodiscard]] std::size_t value_offset() const noexcept { return offset_of(value_.data()); }

  // The members behind the current one, byte for byte: from behind its comma to before the closing
  // brace. Empty if it is the last. The members are not looked at.
  [[nodiscard]] std::string_view rest() const noexcept;

  // True once next() met something that is no object of members.
  [[nodiscard]] bool malformed() const noexcept { return state_ == State::kMalformed; }

 private:
  enum class State : unsigned char { kFirst, kLater, kEnd, kMalformed };

  [[nodiscard]] std::size_t offset_of(const char* at) const noexcept { return static_cast<std::size_t>(at - begin_); }
  bool stop(State state) noexcept;
  bool read_key() noexcept;
  bool read_value() noexcept;

  const char* const begin_;
  const char* at_;
  const char* const end_;
  State state_ = State::kFirst;
  std::string_view key_;
  std::string_view value_;
};

}  // namespace eventsource::core::json
