#include "bench/engine.hpp"

#include <cstdlib>

#include "bench/report.hpp"

std::vector<eventsource::Page> load(const eventsource::Store& store, std::size_t count) {
  eventsource::Read read;
  read.content = eventsource::Content::kEnvelope | eventsource::Content::kData;
  eventsource::EventRange log = store.log(read);
  std::vector<eventsource::Page> pages;
  for (std::size_t loaded = 0; !log.done() && loaded < count; loaded += pages.back().size()) {
    pages.push_back(log.next_page().value());
  }
  return pages;
}

void add(eventsource::Append& append, const eventsource::Event& event) {
  append.event(event.type(), event.data()).event_id(event.id()).occurred_at(event.occurred_at());
  if (const auto actor = event.actor()) append.actor(*actor);
}

void write_singles(const eventsource::Store& store, const std::vector<eventsource::Page>& pages, std::size_t count) {
  eventsource::Append append;
  std::size_t done = 0;
  const auto start = Clock::now();
  for (const eventsource::Page& page : pages) {
    for (const eventsource::Event& event : page) {
      if (done == count) break;
      append.clear();
      append.stream(event.aggregate_type(), event.aggregate_id(),
                    eventsource::ExpectedVersion::exact(event.version() - 1));
      add(append, event);
      store.append(append).value();
      ++done;
    }
  }
  report("single_append", done, start);
}

void read_all(const eventsource::Store& store) {
  std::size_t count = 0;
  std::size_t bytes = 0;
  const auto start = Clock::now();
  for (const eventsource::Event& event : store.log()) {
    ++count;
    bytes += event.document().size();
  }
  report("full_read", count, start);
  if (bytes == 0) std::exit(1);
}
