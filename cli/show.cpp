// eventsource show: one event in full.
#include <unistd.h>

#include "cli/commands.hpp"
#include "cli/event_line.hpp"
#include "cli/failure.hpp"
#include "cli/json_text.hpp"
#include "cli/open_store.hpp"
#include "cli/output.hpp"
#include "cli/terminal.hpp"
#include "cli/values.hpp"

namespace eventsource::cli {
namespace {

class Card {
 public:
  Card(Output& out, bool colour) : out_(out), colour_(colour) {}

  void field(std::string_view name, std::string_view value) {
    constexpr std::size_t kNameColumns = 19;
    std::string padded(name);
    padded.resize(kNameColumns, ' ');
    out_.line(coloured(colour_, Colour::kBold, padded) + std::string(value));
  }
  void optional(std::string_view name, const Uuid* id) { field(name, id == nullptr ? "-" : id->to_string()); }
  void json(std::string_view name, std::string_view raw) { field(name, indented_json(raw, 0, colour_)); }

 private:
  Output& out_;
  bool colour_;
};

void write_card(Output& out, const Event& event) {
  Card card(out, wants_colour(STDOUT_FILENO));
  card.field("event_id", event.id().to_string());
  card.field("event_type", printable(event.type()));
  if (event.event_version() != 0) card.field("event_version", std::to_string(event.event_version()));
  card.field("occurred_at", time_text(event.occurred_at()));
  card.field("aggregate_type", printable(event.aggregate_type()));
  card.field("aggregate_id", event.aggregate_id().to_string());
  card.field("aggregate_version", std::to_string(event.version()));
  card.optional("tenant_id", event.tenant_id());
  card.field("actor_id", event.actor() ? printable(*event.actor()) : "-");
  card.optional("correlation_id", event.correlation_id());
  card.optional("causation_id", event.causation_id());
  card.field("global_position", std::to_string(event.position()));
  card.field("stored_at", time_text(event.stored_at()));
  if ((event.flags() & ES_RECORD_FOREIGN_TENANT) != 0) card.field("warning", "the stored tenant is no UUID");
  if ((event.flags() & ES_RECORD_BROKEN_DOCUMENT) != 0) {
    card.field("warning", "the document is broken; as it is stored:");
    out.line(printable(event.document()));
    return;
  }
  card.json("metadata", event.metadata());
  card.json("data", event.data());
}

int run(const Arguments& arguments) {
  const Uuid id = uuid_argument("EVENT_ID", *arguments.positional(0));
  const Store store = open_store_to_read(arguments);
  const Page page = store.event(id, Content::kEnvelope | Content::kData | Content::kDocument).value();
  Output out(STDOUT_FILENO, "standard output");
  if (arguments.has("json")) {
    append_event_line(out.buffer(), page.front(), true);
  } else {
    write_card(out, page.front());
  }
  out.flush();
  return kExitOk;
}

}  // namespace

Command show_command() {
  return {
      .name = "show",
      .summary = "one event in full",
      .positionals = {{.name = "EVENT_ID"}},
      .options = {store_option(), json_option("print it as a line of export --full")},
      .text = "Data and metadata are laid out for reading; their numbers and strings stay as they were written.",
      .examples = "eventsource show 3218263d-c73e-5e70-8ba1-3d99e856cb7c",
      .run = run,
  };
}

}  // namespace eventsource::cli
