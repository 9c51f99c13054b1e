#include "bench/raw/postgres_append.hpp"

#include <span>

#include "bench/raw/driver.hpp"
#include "bench/raw/event.hpp"
#include "bench/raw/postgres_statements.hpp"

namespace {

std::vector<Link> open_links(const Arguments& arguments, std::size_t count) {
  const auto transaction =
      arguments.number("settings") == 1 ? Link::Transaction::kSettings : Link::Transaction::kAutocommit;
  std::vector<Link> links;
  for (std::size_t i = 0; i < count; ++i) {
    prepare_appends(links.emplace_back(arguments.store(), transaction));
  }
  return links;
}

}  // namespace

void postgres_append_callers(const Arguments& arguments) {
  const std::vector<Sample> samples = read_samples(arguments.text("samples"));
  const std::size_t callers = arguments.number("callers");
  const std::size_t share = callers / arguments.number("links");
  const std::size_t rounds = arguments.number("events") / callers;
  const std::vector<Event> events = events_of_callers(samples, callers, rounds * callers);
  std::vector<Link> links = open_links(arguments, arguments.number("links"));
  std::vector<std::size_t> rounds_of(links.size());
  Driver(links, [&](std::size_t link) -> Batch {
    const std::size_t round = rounds_of[link]++;
    if (round == rounds) return {};
    const std::span<const Event> part = std::span(events).subspan(round * callers + link * share, share);
    if (share == 1) return {kAppendOne, append_one(part.front()), share};
    return {kAppendMany, append_many(part), share};
  }).run(arguments.number("seconds"));
}

void postgres_append_batches(const Arguments& arguments) {
  const std::vector<Sample> samples = read_samples(arguments.text("samples"));
  const std::size_t size = arguments.number("batch");
  const std::vector<Event> events = events_of_streams(samples, size, arguments.number("events") / size * size);
  std::vector<Link> links = open_links(arguments, 1);
  std::size_t at = 0;
  Driver(links, [&](std::size_t) -> Batch {
    if (at == events.size()) return {};
    const std::span<const Event> part = std::span(events).subspan(at, size);
    at += size;
    return {kAppendStream, append_stream(part), size};
  }).run(arguments.number("seconds"));
}
