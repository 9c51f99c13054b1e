// eventsource stats: what is in a store.
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/open_store.hpp"
#include "cli/output.hpp"
#include "cli/terminal.hpp"
#include "cli/text_table.hpp"
#include "cli/values.hpp"

namespace eventsource::cli {
namespace {

void write_json(Output& out, const Store& store, const Inspection& inspection) {
  nlohmann::ordered_json json;
  json["url"] = store.url();
  json["backend"] = store.backend();
  json["schema_version"] = store.schema_version();
  json["events"] = inspection.events();
  json["streams"] = inspection.streams();
  json["snapshots"] = inspection.snapshots();
  json["first_position"] = inspection.first_position();
  json["last_position"] = inspection.last_position();
  json["file_bytes"] = inspection.file_bytes();
  json["wal_bytes"] = inspection.wal_bytes();
  json["types"] = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < inspection.type_count(); ++i) {
    const TypeCount type = inspection.type(i);
    json["types"].push_back(
        {{"aggregate_type", type.aggregate_type}, {"event_type", type.event_type}, {"events", type.events}});
  }
  out.line(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void write_text(Output& out, const Store& store, const Inspection& inspection) {
  out.line("store      " + printable(store.url()));
  out.line("events     " + with_commas(inspection.events()));
  out.line("streams    " + with_commas(inspection.streams()));
  out.line("snapshots  " + with_commas(inspection.snapshots()));
  out.line("positions  " + with_commas(inspection.first_position()) + " to " + with_commas(inspection.last_position()));
  if (store.backend() == "postgresql") {
    out.line("on disk    " + with_unit(inspection.file_bytes()) + " on the server, indexes included");
  } else if (inspection.file_bytes() > 0) {
    out.line("on disk    " + with_unit(inspection.file_bytes()) + ", write-ahead log " +
             with_unit(inspection.wal_bytes()));
  }
  if (inspection.type_count() == 0) return;
  out.line("");
  TextTable table = standard_table(out, {{"EVENTS", true}, {"AGGREGATE"}, {"EVENT TYPE"}});
  for (std::size_t i = 0; i < inspection.type_count(); ++i) {
    const TypeCount type = inspection.type(i);
    table.row({with_commas(type.events), printable(type.aggregate_type), printable(type.event_type)});
  }
  table.finish();
}

int run(const Arguments& arguments) {
  const Store store = open_store_to_read(arguments);
  const Inspection inspection = store.inspect().value();
  Output out(STDOUT_FILENO, "standard output");
  if (arguments.has("json")) {
    write_json(out, store, inspection);
  } else {
    write_text(out, store, inspection);
  }
  out.flush();
  return kExitOk;
}

}  // namespace

Command stats_command() {
  return {
      .name = "stats",
      .summary = "how much is in the store, by type, and its size",
      .positionals = {},
      .options = {store_option(), json_option()},
      .text = "It looks at every event once.",
      .examples = "eventsource stats --json | jq .events",
      .run = run,
  };
}

}  // namespace eventsource::cli
