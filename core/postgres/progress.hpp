// Which of the addresses of a destination libpq is at, while it connects, and whether the time of that one is over: libpq goes
// from one to the next by itself when one fails, but leaves the time to whoever polls it.
// Of the thread that connects.
#pragma once

#include <cstdint>
#include <libpq-fe.h>
#include <string>
#include <vector>

#include "core/base/environment.hpp"
#include "core/postgres/destination.hpp"

namespace eventsource::core::postgres {

class Progress {
 public:
  // Right after `connection` was begun. All of it outlives this.
  Progress(const Destination& destination, PGconn* connection, Environment& environment);

  // After each step of libpq.
  void look();
  // The address that it is at has had its time.
  [[nodiscard]] bool is_over() const;

  // Those that are still to be tried then: without the one that has had its time, and without those before it that have
  // failed. None where it is not known which these are.
  [[nodiscard]] std::vector<Address> left() const;
  // "host "a" (10.0.0.1), port 5432 did not answer in time", and before it what libpq says of those that have failed.
  [[nodiscard]] std::string text() const;

 private:
  void begin_address(Address address);

  const Destination& destination_;
  PGconn* const connection_;
  Environment& environment_;
  Address at_;
  std::vector<Address> passed_;
  std::int64_t until_us_ = 0;
};

}  // namespace eventsource::core::postgres
