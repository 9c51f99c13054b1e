#include "core/event/id_source.hpp"

#include <algorithm>
#include <iterator>

#include "core/base/fork.hpp"

namespace eventsource::core {

Result<Uuid> IdSource::draw() {
  // A child has the same stock as its parent, who draws the same bits from it.
  const std::uint64_t generation = fork_generation();
  if (random_left_ == 0 || generation_ != generation) {
    RETURN_IF_ERROR(environment_.random({reinterpret_cast<std::uint8_t*>(random_), sizeof random_}));
    random_left_ = std::size(random_);
    generation_ = generation;
  }
  last_step_ = std::max(uuid7_step(environment_.wall_us()), last_step_ + 1);
  return make_uuid7(last_step_, random_[--random_left_]);
}

}  // namespace eventsource::core
