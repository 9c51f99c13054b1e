// eventsource read: the log, or a part of it.
#include <algorithm>

#include "cli/commands.hpp"
#include "cli/event_output.hpp"
#include "cli/failure.hpp"
#include "cli/open_store.hpp"
#include "cli/values.hpp"

namespace eventsource::cli {
namespace {

std::vector<std::string> names(const Arguments& arguments, const std::string& option) {
  std::vector<std::string> values = arguments.values(option);
  for (const std::string& value : values) check_name_argument("--" + option, value);
  return values;
}

Filter filter_of(const Arguments& arguments) {
  Filter filter;
  filter.event_types = names(arguments, "type");
  filter.aggregate_types = names(arguments, "aggregate-type");
  if (const auto tenant = arguments.value("tenant")) filter.tenant = uuid_argument("--tenant", *tenant);
  if (const auto since = arguments.value("since")) filter.occurred_from = time_argument("--since", *since);
  if (const auto until = arguments.value("until")) filter.occurred_to = time_argument("--until", *until);
  if (filter.occurred_from > filter.occurred_to) throw Failure(kExitUsage, "--since is later than --until");
  return filter;
}

int run(const Arguments& arguments) {
  std::int64_t limit = INT64_MAX;
  if (const auto text = arguments.value("limit")) limit = whole_number("--limit", *text, 1, INT64_MAX);
  const bool lines = wants_lines(arguments);
  Read read{.content = content_of(lines), .filter = filter_of(arguments)};
  if (arguments.has("backward")) read.direction = Direction::kBackward;
  if (const auto after = arguments.value("after")) read.after = whole_number("--after", *after, 0, INT64_MAX);
  read.page_events = std::min<std::int64_t>(limit, ES_PAGE_EVENTS_DEFAULT);
  const Store store = open_store_to_read(arguments);
  EventRange events = store.log(read);
  write_events(events, lines, limit);
  return kExitOk;
}

}  // namespace

Command read_command() {
  return {
      .name = "read",
      .summary = "the log in the order of positions, or a part of it",
      .positionals = {},
      .options = {store_option(),
                  {.name = "after", .value = "N", .meaning = "start behind this position; with --backward before it"},
                  {.name = "limit", .value = "N", .meaning = "at most so many events"},
                  {.name = "type", .value = "TYPE", .meaning = "only this event type", .repeats = true},
                  {.name = "aggregate-type", .value = "TYPE", .meaning = "only this aggregate type", .repeats = true},
                  {.name = "tenant", .value = "UUID", .meaning = "only this tenant"},
                  {.name = "since", .value = "TIME", .meaning = "only what occurred at this time or later"},
                  {.name = "until", .value = "TIME", .meaning = "only what occurred before this time"},
                  {.name = "backward", .value = "", .meaning = "the newest first"},
                  format_option(),
                  json_option("the same as --format ndjson")},
      .text = "All conditions must hold; of several types one. Times are RFC 3339 with an offset.",
      .examples =
          "eventsource read --limit 10\n"
          "eventsource read --type FlightCancelled --since 2013-02-08T00:00:00-05:00 --until "
          "2013-02-09T00:00:00-05:00\n"
          "eventsource read --backward --limit 1 --format ndjson",
      .run = run,
  };
}

}  // namespace eventsource::cli
