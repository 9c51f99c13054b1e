// The engine doing one of the works of raw_postgres.cpp. Prints a "name value unit" line. One thread.
//
//   engine_postgres WORK SOURCE_URL TARGET_URL
//
// WORK is single_append, append_100, append_1000, stream_load or full_read.
#include <set>
#include <string_view>
#include <utility>

#include "bench/engine.hpp"
#include "bench/report.hpp"
#include "bench/sizes.hpp"

namespace {

// The source's events, `size` of them at a time to a stream of their own; its id is that of its first event.
void write_streams(const char* name, const eventsource::Store& source, const eventsource::Store& store,
                   std::size_t count, std::size_t size) {
  const std::vector<eventsource::Page> pages = load(source, count);
  eventsource::Append append;
  std::size_t done = 0;
  const auto start = Clock::now();
  for (const eventsource::Page& page : pages) {
    for (const eventsource::Event& event : page) {
      if (append.empty()) {
        append.stream(event.aggregate_type(), event.id(), eventsource::ExpectedVersion::no_stream());
      }
      add(append, event);
      if (append.size() < size) continue;
      store.append(append).value();
      append.clear();
      done += size;
    }
  }
  report(name, done, start);
}

void load_streams(const eventsource::Store& store) {
  std::set<std::pair<std::string, eventsource::Uuid>> streams;
  for (const eventsource::Event& event : store.log({.content = eventsource::Content::kColumns})) {
    streams.emplace(event.aggregate_type(), event.aggregate_id());
  }
  std::size_t count = 0;
  std::size_t bytes = 0;
  const auto start = Clock::now();
  while (count < kEventsToLoad) {
    for (const auto& [type, id] : streams) {
      for (const eventsource::Event& event : store.read_stream(type, id).value()) {
        ++count;
        bytes += event.document().size();
      }
    }
  }
  report("stream_load", count, start);
  if (bytes == 0) std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: engine_postgres WORK SOURCE_URL TARGET_URL\n");
    return 2;
  }
  const std::string_view work = argv[1];
  const eventsource::Store source = eventsource::Store::open(argv[2]).value();
  const eventsource::Store target = eventsource::Store::open(argv[3]).value();
  if (work == "single_append") {
    write_singles(target, load(source, kSingles), kSingles);
  } else if (work == "append_100") {
    write_streams("append_100", source, target, kEventsInHundreds, 100);
  } else if (work == "append_1000") {
    write_streams("append_1000", source, target, kEventsInThousands, 1000);
  } else if (work == "stream_load") {
    load_streams(target);
  } else if (work == "full_read") {
    read_all(target);
  } else {
    std::fprintf(stderr, "engine_postgres: no work %s\n", argv[1]);
    return 2;
  }
  return 0;
}
