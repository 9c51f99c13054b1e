// The table of commands.
#include "cli/commands.hpp"

namespace eventsource::cli {

Option store_option() {
  return {.name = "store",
          .value = "URL",
          .meaning = "the store; else $EVENTSOURCE_URL, else $DATABASE_URL, else sqlite:///eventsource.db"};
}

Option json_option(std::string_view meaning) {
  return {.name = "json", .value = "", .meaning = meaning};
}

const std::vector<Command>& commands() {
  static const std::vector<Command> table = {
      init_command(), import_command(), export_command(), read_command(),  stream_command(),     show_command(),
      head_command(), stats_command(),  verify_command(), index_command(), completion_command(), help_command(),
  };
  return table;
}

const Command* find_command(std::string_view name) {
  for (const Command& command : commands()) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

}  // namespace eventsource::cli
