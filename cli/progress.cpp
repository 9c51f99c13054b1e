// Drawing it.
#include "cli/progress.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <unistd.h>

#include "cli/output.hpp"
#include "cli/terminal.hpp"
#include "cli/values.hpp"

namespace eventsource::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBarEvery{100};
constexpr milliseconds kLineEvery{5000};

std::string clock_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  char text[32];
  if (whole >= 3600) {
    std::snprintf(text, sizeof(text), "%d:%02d:%02d", static_cast<int>(whole / 3600), static_cast<int>(whole / 60 % 60),
                  static_cast<int>(whole % 60));
  } else {
    std::snprintf(text, sizeof(text), "%d:%02d", static_cast<int>(whole / 60), static_cast<int>(whole % 60));
  }
  return text;
}

}  // namespace

std::string rate_text(std::int64_t done, double seconds, const std::string& unit) {
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  return with_commas(static_cast<std::int64_t>(rate)) + " " + unit + "/s";
}

Progress::Progress(std::string unit)
    : unit_(std::move(unit)),
      terminal_(is_terminal(STDERR_FILENO)),
      start_(Clock::now()),
      next_(start_ + (terminal_ ? milliseconds(0) : kLineEvery)) {}

double Progress::seconds() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

void Progress::update(std::int64_t done, std::int64_t part, std::int64_t whole) {
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  next_ = now + (terminal_ ? kBarEvery : kLineEvery);
  const double fraction =
      whole > 0 ? std::clamp(static_cast<double>(part) / static_cast<double>(whole), 0.0, 1.0) : -1.0;
  if (!terminal_) {
    say("eventsource: " + line(done, fraction));
    return;
  }
  const std::string text = bar(fraction) + line(done, fraction);
  std::string drawing = "\r";
  drawing += first_columns(text, terminal_width(STDERR_FILENO) - 1);
  drawing += "\x1b[K";
  static_cast<void>(!::write(STDERR_FILENO, drawing.data(), drawing.size()));
  drawn_ = true;
}

void Progress::clear() {
  if (drawn_) static_cast<void>(!::write(STDERR_FILENO, "\r\x1b[K", 4));
  drawn_ = false;
}

std::string Progress::line(std::int64_t done, double fraction) const {
  const double elapsed = seconds();
  std::string text;
  if (fraction >= 0) {
    text += std::to_string(static_cast<int>(fraction * 100)) + " %, ";
  }
  text += with_commas(done) + " " + unit_ + ", " + rate_text(done, elapsed, unit_);
  if (fraction > 0) text += ", " + clock_text(elapsed * (1 - fraction) / fraction) + " left";
  return text;
}

std::string Progress::bar(double fraction) const {
  if (fraction < 0) return {};
  constexpr std::size_t kColumns = 24;
  const auto full = static_cast<std::size_t>(fraction * kColumns);
  return "[" + std::string(full, '=') + std::string(kColumns - full, ' ') + "] ";
}

}  // namespace eventsource::cli
