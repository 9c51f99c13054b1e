// Where the ids come from that a caller does not bring: UUIDv7 that rise strictly within one source.
// One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/environment.hpp"
#include "core/event/uuid7.hpp"

namespace eventsource::core {

class IdSource {
 public:
  explicit IdSource(Environment& environment) : environment_(environment) {}

  // Above every id drawn before, also when the clock stands still or goes back.
  [[nodiscard]] Result<Uuid> draw();

 private:
  Environment& environment_;
  // A stock of random bits: one system call for many ids.
  std::uint64_t random_[32] = {};
  std::size_t random_left_ = 0;
  std::uint64_t generation_ = 0;  // of the process that drew the stock
  std::uint64_t last_step_ = 0;
};

}  // namespace eventsource::core
