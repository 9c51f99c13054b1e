// The engine doing what raw_sqlite.cpp does: the same events, one at a time, in batches of 1,000, and read in full.
// Prints "name value unit" lines. One thread.
//
//   engine_sqlite SOURCE.db SCRATCH_FOLDER
#include <chrono>
#include <cstdio>
#include <eventsource/eventsource.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

void report(const char* name, std::size_t count, Clock::time_point start) {
  const std::chrono::duration<double> seconds = Clock::now() - start;
  std::printf("%s %.0f events/s\n", name, static_cast<double>(count) / seconds.count());
}

eventsource::Store open(const std::filesystem::path& path) {
  return eventsource::Store::open("sqlite:///" + path.string()).value();
}

// The source's pages stay in memory: what is measured is the append, not the read.
std::vector<eventsource::Page> load(const std::filesystem::path& path) {
  const eventsource::Store store = open(path);
  eventsource::Read read;
  read.content = eventsource::Content::kEnvelope | eventsource::Content::kData;
  eventsource::EventRange log = store.log(read);
  std::vector<eventsource::Page> pages;
  while (!log.done()) pages.push_back(log.next_page().value());
  return pages;
}

void add(eventsource::Append& append, const eventsource::Event& event, eventsource::ExpectedVersion expected) {
  append.stream(event.aggregate_type(), event.aggregate_id(), expected)
      .event(event.type(), event.data())
      .event_id(event.id())
      .occurred_at(event.occurred_at());
  if (const auto actor = event.actor()) append.actor(*actor);
}

void write_singles(const std::filesystem::path& path, const std::vector<eventsource::Page>& pages, std::size_t count) {
  const eventsource::Store store = open(path);
  eventsource::Append append;
  std::size_t done = 0;
  const auto start = Clock::now();
  for (const eventsource::Page& page : pages) {
    for (const eventsource::Event& event : page) {
      if (done == count) break;
      append.clear();
      add(append, event, eventsource::ExpectedVersion::exact(event.version() - 1));
      store.append(append).value();
      ++done;
    }
  }
  report("single_append", done, start);
}

void write_batches(const std::filesystem::path& path, const std::vector<eventsource::Page>& pages) {
  const eventsource::Store store = open(path);
  eventsource::Append append;
  std::size_t done = 0;
  const auto start = Clock::now();
  for (const eventsource::Page& page : pages) {
    append.clear();
    for (const eventsource::Event& event : page) add(append, event, eventsource::ExpectedVersion::any());
    store.append(append).value();
    done += page.size();
  }
  report("batch_1000", done, start);
}

void read_all(const std::filesystem::path& path) {
  const eventsource::Store store = open(path);
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

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: engine_sqlite SOURCE.db SCRATCH_FOLDER\n");
    return 2;
  }
  const std::filesystem::path folder = argv[2];
  const std::vector<eventsource::Page> pages = load(argv[1]);
  constexpr std::size_t kSingles = 2000;
  write_singles(folder / "engine_single.db", pages, kSingles);
  write_batches(folder / "engine_batch.db", pages);
  read_all(folder / "engine_batch.db");
  return 0;
}
