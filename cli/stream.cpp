// eventsource stream: the events of one stream.
#include <algorithm>

#include "cli/commands.hpp"
#include "cli/event_output.hpp"
#include "cli/failure.hpp"
#include "cli/open_store.hpp"
#include "cli/values.hpp"

namespace eventsource::cli {
namespace {

int run(const Arguments& arguments) {
  const std::string type = *arguments.positional(0);
  check_name_argument("TYPE", type);
  const Uuid id = uuid_argument("ID", *arguments.positional(1));
  if (id.is_nil()) throw Failure(kExitUsage, "ID is the nil UUID, which no stream has");
  std::int64_t limit = INT64_MAX;
  if (const auto text = arguments.value("limit")) limit = whole_number("--limit", *text, 1, INT64_MAX);
  const bool lines = wants_lines(arguments);
  Read read{.content = content_of(lines)};
  if (arguments.has("backward")) read.direction = Direction::kBackward;
  if (const auto from = arguments.value("from")) read.from_version = whole_number("--from", *from, 1, ES_MAX_VERSION);
  if (const auto to = arguments.value("to")) read.to_version = whole_number("--to", *to, 1, ES_MAX_VERSION);
  if (read.from_version.value_or(1) > read.to_version.value_or(ES_MAX_VERSION)) {
    throw Failure(kExitUsage, "--from is a later version than --to");
  }
  read.page_events = std::min<std::int64_t>(limit, ES_PAGE_EVENTS_DEFAULT);
  const Store store = open_store_to_read(arguments);
  EventRange events = store.stream(type, id, read);
  const std::int64_t written = write_events(events, lines, limit);
  if (written == 0 && store.stream_version(type, id).value() == 0) {
    throw Failure(kExitRefused, "there is no stream " + type + " " + id.to_string());
  }
  return kExitOk;
}

}  // namespace

Command stream_command() {
  return {
      .name = "stream",
      .summary = "the events of one stream in the order of versions",
      .positionals = {{.name = "TYPE"}, {.name = "ID"}},
      .options = {store_option(),
                  {.name = "from", .value = "N", .meaning = "the first version to show"},
                  {.name = "to", .value = "N", .meaning = "the last version to show"},
                  {.name = "limit", .value = "N", .meaning = "at most so many events"},
                  {.name = "backward", .value = "", .meaning = "the newest first"},
                  format_option(),
                  json_option("the same as --format ndjson")},
      .text = "TYPE and ID are those of the aggregate.",
      .examples = "eventsource stream Flight 441128e3-eb39-5a27-9500-4e8cb783f0bd",
      .run = run,
  };
}

}  // namespace eventsource::cli
