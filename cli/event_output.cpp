// Tables and lines of events.
#include "cli/event_output.hpp"

#include <unistd.h>

#include "cli/event_line.hpp"
#include "cli/output.hpp"
#include "cli/terminal.hpp"
#include "cli/text_table.hpp"
#include "cli/values.hpp"

namespace eventsource::cli {
namespace {

std::string data_text(const Event& event) {
  if ((event.flags() & ES_RECORD_BROKEN_DOCUMENT) != 0) return "(broken document)";
  return printable(event.data());
}

std::vector<std::string> cells(const Event& event) {
  return {std::to_string(event.position()),
          short_time_text(event.occurred_at()),
          printable(event.aggregate_type()),
          event.aggregate_id().to_string(),
          std::to_string(event.version()),
          printable(event.type()),
          event.id().to_string(),
          data_text(event)};
}

}  // namespace

Option format_option() {
  return {.name = "format",
          .value = "FORM",
          .meaning = "table (default), or ndjson: lines as of export --full",
          .choices = {"table", "ndjson"}};
}

bool wants_lines(const Arguments& arguments) {
  return arguments.has("json") || arguments.value("format") == "ndjson";
}

Content content_of(bool lines) {
  return lines ? Content::kEnvelope | Content::kData : Content::kData;
}

std::int64_t write_events(EventRange& events, bool lines, std::int64_t limit) {
  Output out(STDOUT_FILENO, "standard output");
  TextTable table = standard_table(out, {{"POSITION", true},
                                         {"OCCURRED AT"},
                                         {"AGGREGATE"},
                                         {"AGGREGATE ID"},
                                         {"VERSION", true},
                                         {"EVENT TYPE"},
                                         {"EVENT ID"},
                                         {"DATA"}});
  std::int64_t written = 0;
  while (!events.done() && written < limit) {
    const Page page = events.next_page().value();
    for (const Event& event : page) {
      if (written == limit) break;
      if (lines) {
        append_event_line(out.buffer(), event, true);
        out.poll();
      } else {
        table.row(cells(event));
      }
      ++written;
    }
  }
  table.finish();
  out.flush();
  return written;
}

}  // namespace eventsource::cli
