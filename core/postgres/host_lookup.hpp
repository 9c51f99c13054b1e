// A look-up of a host's addresses, of somebody who need not wait for its end: resolvers take as long as they like.
// Whoever waits for it is one thread, or one call on the loop; look-ups run on threads of their own. There is one at a time
// for each name in the process, whoever asks, so that a resolver that hangs keeps no more threads than there are names.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/wait.hpp"

namespace eventsource::core::postgres {

class HostLookup {
 public:
  struct Found {
    std::vector<std::string> addresses;  // as numbers, in the resolver's order
    std::string error;                   // why there is none
    bool is_out_of_memory = false;
  };

  // Begins one, or joins that which is under way. `wake` outlives this, and is raised at the end. Throws std::bad_alloc.
  HostLookup(std::string name, Wake& wake);
  ~HostLookup();
  HostLookup(const HostLookup&) = delete;
  HostLookup& operator=(const HostLookup&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  // nullptr until the end.
  [[nodiscard]] const Found* found() const;

 private:
  struct UnderWay;
  class All;

  const std::string name_;
  Wake& wake_;
  std::shared_ptr<UnderWay> lookup_;
};

}  // namespace eventsource::core::postgres
