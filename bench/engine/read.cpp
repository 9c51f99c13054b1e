#include "bench/engine/read.hpp"

#include "bench/common/measure.hpp"
#include "bench/engine/build.hpp"

void load(const Arguments& arguments) {
  const std::vector<Stream> streams = read_streams(arguments.text("streams"));
  const eventsource::Store store = eventsource::Store::open(arguments.store()).value();
  Measure measure;
  for (const Stream& stream : streams) {
    const auto began = Clock::now();
    std::int64_t version = 0;
    for (const eventsource::Event& event : store.stream(kAggregateType, uuid(stream.id))) {
      if (event.document().empty()) fail("load", "an event has no document");
      version = event.version();
    }
    if (version != stream.version) fail("load", "a stream has not the length it should have");
    measure.call(began);
  }
  measure.report(streams.size());
}

void read_all(const Arguments& arguments) {
  const eventsource::Store store = eventsource::Store::open(arguments.store()).value();
  std::size_t count = 0;
  Measure measure;
  for (const eventsource::Event& event : store.log()) {
    if (event.document().empty()) fail("read", "an event has no document");
    ++count;
  }
  if (count != arguments.number("events")) fail("read", "the log has not the length it should have");
  measure.report(count);
}
