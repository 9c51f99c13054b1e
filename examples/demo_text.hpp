// How the flights demo prints: colours, bars, days and numbers. Nothing about event stores.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <unistd.h>

namespace demo {

// Colours for people at a terminal; none in a file, a pipe, or where NO_COLOR asks for none.
class Paint {
 public:
  [[nodiscard]] std::string bold(const std::string& text) const { return with("1", text); }
  [[nodiscard]] std::string dim(const std::string& text) const { return with("2", text); }
  [[nodiscard]] std::string red(const std::string& text) const { return with("31", text); }
  [[nodiscard]] std::string green(const std::string& text) const { return with("32", text); }

 private:
  [[nodiscard]] std::string with(const char* code, const std::string& text) const {
    return on_ && !text.empty() ? "\x1b[" + std::string(code) + "m" + text + "\x1b[0m" : text;
  }
  static bool wanted() {
    const char* no = std::getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) != 0 && (no == nullptr || *no == '\0');
  }
  bool on_ = wanted();
};

inline const Paint kPaint;

inline void heading(const std::string& title, const std::string& note) {
  std::printf("\n%s\n%s\n\n", kPaint.bold(title).c_str(), kPaint.dim(note).c_str());
}

inline std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

// One block for each `unit`, and one for a rest: what is there is never invisible. Padded to `width` blocks.
inline std::string bar(int count, int unit, int width = 0) {
  const int shown = (count + unit - 1) / unit;
  std::string blocks;
  for (int i = 0; i < shown; ++i) blocks += "▇";
  return blocks.append(static_cast<std::size_t>(std::max(0, width - shown)), ' ');
}

// New York was five hours behind UTC that February. The store keeps UTC; people live in days.
using LocalTime = std::chrono::local_time<std::chrono::microseconds>;
inline LocalTime new_york(std::chrono::sys_time<std::chrono::microseconds> time) {
  return LocalTime(time.time_since_epoch() - std::chrono::hours(5));
}

inline std::string day_name(LocalTime time) {
  static constexpr const char* kNames[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const auto date = static_cast<unsigned>(std::chrono::year_month_day(day).day());
  return std::string(kNames[std::chrono::weekday(day).c_encoding()]) + (date < 10 ? "  " : " ") + std::to_string(date);
}

inline std::string clock_time(LocalTime time) {
  const std::chrono::hh_mm_ss of_day(time - std::chrono::floor<std::chrono::days>(time));
  char text[16];
  std::snprintf(text, sizeof(text), "%02d:%02d", static_cast<int>(of_day.hours().count()),
                static_cast<int>(of_day.minutes().count()));
  return text;
}

inline std::string lateness(int minutes) {
  const auto span = [](int n) {
    return n < 60 ? std::to_string(n) + " min" : std::to_string(n / 60) + " h " + std::to_string(n % 60) + " min";
  };
  if (minutes == 0) return "on time";
  return minutes < 0 ? span(-minutes) + " early" : span(minutes) + " late";
}

}  // namespace demo
