// eventsource head: the position of the newest event.
#include <unistd.h>

#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/open_store.hpp"
#include "cli/output.hpp"

namespace eventsource::cli {
namespace {

int run(const Arguments& arguments) {
  const Store store = open_store_to_read(arguments);
  const std::string position = std::to_string(store.head().value());
  Output out(STDOUT_FILENO, "standard output");
  out.line(arguments.has("json") ? "{\"position\":" + position + "}" : position);
  out.flush();
  return kExitOk;
}

}  // namespace

Command head_command() {
  return {
      .name = "head",
      .summary = "the position of the newest event; 0 for an empty store",
      .positionals = {},
      .options = {store_option(), json_option()},
      .text = "",
      .examples =
          "eventsource head\n"
          "eventsource read --after \"$(eventsource head)\"",
      .run = run,
  };
}

}  // namespace eventsource::cli
