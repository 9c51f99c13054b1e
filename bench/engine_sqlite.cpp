// The engine doing what raw_sqlite.cpp does: the same events, one at a time, in batches of 1,000, and read in full.
// Prints "name value unit" lines. One thread.
//
//   engine_sqlite SOURCE.db SCRATCH_FOLDER
#include <filesystem>

#include "bench/engine.hpp"
#include "bench/report.hpp"

namespace {

eventsource::Store open(const std::filesystem::path& path) {
  return eventsource::Store::open("sqlite:///" + path.string()).value();
}

void write_batches(const eventsource::Store& store, const std::vector<eventsource::Page>& pages) {
  eventsource::Append append;
  std::size_t done = 0;
  const auto start = Clock::now();
  for (const eventsource::Page& page : pages) {
    append.clear();
    for (const eventsource::Event& event : page) {
      append.stream(event.aggregate_type(), event.aggregate_id(), eventsource::ExpectedVersion::any());
      add(append, event);
    }
    store.append(append).value();
    done += page.size();
  }
  report("batch_1000", done, start);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: engine_sqlite SOURCE.db SCRATCH_FOLDER\n");
    return 2;
  }
  const std::filesystem::path folder = argv[2];
  const std::vector<eventsource::Page> pages = load(open(argv[1]));
  constexpr std::size_t kSingles = 2000;
  write_singles(open(folder / "engine_single.db"), pages, kSingles);
  write_batches(open(folder / "engine_batch.db"), pages);
  read_all(open(folder / "engine_batch.db"));
  return 0;
}
