#include "core/runtime/apart.hpp"

#include <thread>
#include <utility>

#include "core/base/thread.hpp"

namespace eventsource::core {

Status run_apart(const char* name, std::unique_ptr<Job> job) {
  // A std::function can be copied; this is not.
  const auto held = std::make_shared<std::unique_ptr<Job>>(std::move(job));
  ASSIGN_OR_RETURN(std::thread thread, start_thread(name, [held] {
                     Job& begun = **held;
                     begun.run(std::move(*held), nullptr);
                   }));
  thread.detach();
  return {};
}

}  // namespace eventsource::core
