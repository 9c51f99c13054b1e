#include "bench/engine/append.hpp"

#include <latch>
#include <optional>
#include <thread>

#include "bench/common/measure.hpp"
#include "bench/engine/build.hpp"

namespace {

void append(const eventsource::Store& store, const eventsource::Append& append) {
  if (store.append(append).value().last_position() <= 0) fail("append", "an event has no position");
}

}  // namespace

// The first append of each caller is not measured: it opens the connections.
void append_threads(const Arguments& arguments) {
  const std::vector<Sample> samples = read_samples(arguments.text("samples"));
  const std::size_t callers = arguments.number("callers");
  const std::size_t first = arguments.number_or("first", 0);
  const std::size_t rounds = arguments.number("events") / callers;
  const eventsource::Store store = eventsource::Store::open(arguments.store()).value();
  std::latch ready(static_cast<std::ptrdiff_t>(callers));
  std::latch begin(1);
  std::vector<Measure> measures(callers);
  std::optional<Measure> all;
  std::vector<std::thread> threads;
  for (Measure& measure : measures) {
    threads.emplace_back([&, i = threads.size()] {
      Caller caller(samples, first + i);
      eventsource::Append one;
      append(store, build(one, caller.next()));
      ready.count_down();
      begin.wait();
      for (std::size_t round = 0; round < rounds && !all->is_over(); ++round) {
        const auto began = Clock::now();
        append(store, build(one, caller.next()));
        measure.call(began);
      }
    });
  }
  ready.wait();
  all.emplace(arguments.number("seconds"));
  begin.count_down();
  for (std::thread& thread : threads) thread.join();
  for (const Measure& one : measures) all->add(one);
  all->report(all->calls());
}

void append_batches(const Arguments& arguments) {
  const std::vector<Sample> samples = read_samples(arguments.text("samples"));
  const std::size_t size = arguments.number("batch");
  const std::size_t count = arguments.number("events") / size * size;
  const eventsource::Store store = eventsource::Store::open(arguments.store()).value();
  Ids ids(0);
  eventsource::Append batch;
  Measure measure(arguments.number("seconds"));
  for (std::size_t at = 0; at < count && !measure.is_over(); at += size) {
    const auto began = Clock::now();
    batch.clear();
    choose(batch, {ids.next(), 0});
    for (std::size_t i = at; i < at + size; ++i) add(batch, samples[i % samples.size()]);
    append(store, batch);
    measure.call(began);
  }
  measure.report(measure.calls() * size);
}

void append_known(const Arguments& arguments) {
  const std::vector<Sample> samples = read_samples(arguments.text("samples"));
  std::vector<Stream> streams = read_streams(arguments.text("streams"));
  const std::size_t count = arguments.number("events");
  const eventsource::Store store = eventsource::Store::open(arguments.store()).value();
  eventsource::Append one;
  Measure measure;
  for (std::size_t i = 0; i < count; ++i) {
    Stream& stream = streams[i % streams.size()];
    const auto began = Clock::now();
    append(store, build(one, {stream.id, stream.version++, &samples[i % samples.size()]}));
    measure.call(began);
  }
  measure.report(count);
}
