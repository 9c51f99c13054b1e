#include "core/event/id_source.hpp"

#include <algorithm>
#include <iterator>

namespace eventsource::core {

Result<Uuid> IdSource::draw() {
  if (random_left_ == 0) {
    RETURN_IF_ERROR(environment_.random({reinterpret_cast<std::uint8_t*>(random_), sizeof random_}));
    random_left_ = std::size(random_);
  }
  last_step_ = std::max(uuid7_step(environment_.wall_us()), last_step_ + 1);
  return make_uuid7(last_step_, random_[--random_left_]);
}

}  // namespace eventsource::core
