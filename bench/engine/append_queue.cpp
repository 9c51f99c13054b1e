#include "bench/engine/append_queue.hpp"

#include <deque>

#include "bench/common/measure.hpp"
#include "bench/engine/build.hpp"

namespace {

// One caller. Everything happens on the thread that drains the queue, to which it stays put.
class Flight {
 public:
  Flight(const eventsource::AsyncStore& store, const std::vector<Sample>& samples, std::uint64_t number)
      : store_(store), caller_(samples, number) {}

  // Appends so often, one after the other, unless the measured time is over before.
  void start(std::size_t appends, Measure& measure) {
    if (appends == 0 || measure.is_over()) return;
    const auto began = Clock::now();
    store_.append(build(append_, caller_.next()))
        .then([this, appends, &measure, began](const eventsource::Result<eventsource::AppendResult>& result) {
          if (result.value().last_position() <= 0) fail("append", "an event has no position");
          measure.call(began);
          start(appends - 1, measure);
        });
  }

 private:
  const eventsource::AsyncStore& store_;
  Caller caller_;
  eventsource::Append append_;
};

// Until nothing is in flight.
void drain(const eventsource::CompletionQueue& queue) {
  while (queue.size() != 0) {
    if (queue.drain() == 0) queue.wait().value();
  }
}

}  // namespace

// The first append of each caller is not measured: it opens the connections.
void append_queue(const Arguments& arguments) {
  const std::vector<Sample> samples = read_samples(arguments.text("samples"));
  const std::size_t callers = arguments.number("callers");
  const std::size_t rounds = arguments.number("events") / callers;
  const auto queue = eventsource::CompletionQueue::create().value();
  const eventsource::AsyncStore store(eventsource::Store::open(arguments.store()).value(), queue);
  std::deque<Flight> flights;
  for (std::size_t i = 0; i < callers; ++i) flights.emplace_back(store, samples, i);
  Measure warm;
  for (Flight& flight : flights) flight.start(1, warm);
  drain(queue);
  Measure measure(arguments.number("seconds"));
  for (Flight& flight : flights) flight.start(rounds, measure);
  drain(queue);
  measure.report(measure.calls());
}
