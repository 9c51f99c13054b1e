// Random scenarios in the form of a vector's steps. The same seed gives the same scenario, on every machine.
// Used by one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "tests/conformance/session_cpp/vector.hpp"

namespace conformance {

// SplitMix64: its numbers are defined, unlike those of the standard library's distributions.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next();
  // 0 <= result < n.
  std::int64_t below(std::int64_t n) { return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(n)); }
  bool chance(int percent) { return below(100) < percent; }

 private:
  std::uint64_t state_;
};

// Draws one step after another. It is told what came of each append, so that most expected versions hold.
class Scenario {
 public:
  explicit Scenario(std::uint64_t seed) : random_(seed) {}

  [[nodiscard]] Json next_step();
  void learn(const Json& step, const Json& outcome);

 private:
  [[nodiscard]] Json append();
  [[nodiscard]] Json stream(std::int64_t index);
  [[nodiscard]] Json event(std::int64_t stream);
  [[nodiscard]] Json expected_version(const std::string& stream);
  [[nodiscard]] Json read();
  [[nodiscard]] Json filter();
  [[nodiscard]] Json snapshot();
  void bound(Json& step);

  Random random_;
  std::map<std::string, std::int64_t> versions_;  // by stream
  std::int64_t events_ = 0;
};

}  // namespace conformance
