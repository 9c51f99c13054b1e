// How far a long command is: a bar on a terminal, a line every few seconds elsewhere. Written to standard error.
// Thread rule: used by one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace eventsource::cli {

class Progress {
 public:
  // `unit` is what is counted, "lines".
  explicit Progress(std::string unit);
  // Takes the bar off the screen.
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `done` of the unit are done; `part` of `whole` is how far that is, 0 of 0 where the end is not known.
  void update(std::int64_t done, std::int64_t part, std::int64_t whole);

  // Takes the bar off the screen, before something else is written.
  void clear();

  [[nodiscard]] double seconds() const;

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] std::string line(std::int64_t done, double fraction) const;
  [[nodiscard]] std::string bar(double fraction) const;

  std::string unit_;
  bool terminal_;
  bool drawn_ = false;
  Clock::time_point start_;
  Clock::time_point next_;
};

// "262,200 events/s": how many of `unit` a second.
std::string rate_text(std::int64_t done, double seconds, const std::string& unit);

}  // namespace eventsource::cli
