// An append that owns its texts, for a call that runs after its caller has gone on.
// A value; any thread may read it.
#pragma once

#include <memory>

#include "core/event/append_input.hpp"

namespace eventsource::core {

class AppendCopy {
 public:
  explicit AppendCopy(const AppendInput& original);

  [[nodiscard]] const AppendInput& input() const { return input_; }

 private:
  AppendInput input_;  // borrows from texts_, which stay where they are when this is moved
  std::unique_ptr<char[]> texts_;
};

}  // namespace eventsource::core
