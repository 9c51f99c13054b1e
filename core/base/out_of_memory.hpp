// Memory that ran out while a write was under way.
// A value.
#pragma once

#include <new>

namespace eventsource::core {

// Thrown where there is no memory even for an error that says so: what was sent may have been written. A plain
// std::bad_alloc says that nothing was.
class OutcomeUnknown : public std::bad_alloc {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "out of memory; the outcome is unknown"; }
};

}  // namespace eventsource::core
