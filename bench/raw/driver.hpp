// Keeps connections at work. One thread, one poll loop.
#pragma once

#include <functional>
#include <poll.h>
#include <vector>

#include "bench/common/measure.hpp"
#include "bench/raw/link.hpp"
#include "bench/raw/values.hpp"

struct Batch {
  const char* statement = nullptr;
  Values values;
  std::size_t events = 0;  // 0: there is none
};

class Driver {
 public:
  // `next` makes the next batch of the n-th link.
  Driver(std::vector<Link>& links, std::function<Batch(std::size_t)> next);

  // Until no link has a next batch or so many seconds are over; then tells how many events a second there were, and how long each took.
  void run(std::size_t seconds);

 private:
  struct Work {
    Clock::time_point began;
    std::size_t events = 0;
  };

  void send(std::size_t link, const Measure& measure);
  void finish(std::size_t link, Measure& measure);

  std::vector<Link>& links_;
  std::function<Batch(std::size_t)> next_;
  std::vector<Work> at_work_;
  std::vector<pollfd> sockets_;
  std::size_t working_ = 0;
  std::size_t done_ = 0;
};
