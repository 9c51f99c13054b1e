// The resolver of this program: its getaddrinfo goes before the system's, also for libpq. It knows names of its own, and can
// hang, as one does whose name server is gone.
// Any thread.
#pragma once

#include <string>

namespace eventsource::test {

class Resolver {
 public:
  // Both are names of the server: one has its address alone, the other one where nobody listens before it. Who asks for
  // `kName`, or a name that ends with it, waits while a Hang lives. Each test has another: the engine may still be about to
  // end the last look-up of one.
  static constexpr const char* kName = "server.test";
  static constexpr const char* kTwoAddresses = "two.test";
  static constexpr const char* kNobody = "nobody.test";  // has no address

  class Hang {
   public:
    Hang();
    ~Hang();
    Hang(const Hang&) = delete;
    Hang& operator=(const Hang&) = delete;
  };

  // Threads inside of it that hang.
  [[nodiscard]] static int waiting();
};

}  // namespace eventsource::test
