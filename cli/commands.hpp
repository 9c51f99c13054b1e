// The commands, one function for each source file of that name.
// Thread rule: called once, by commands().
#pragma once

#include "cli/command.hpp"

namespace eventsource::cli {

Command init_command();
Command import_command();
Command export_command();
Command read_command();
Command stream_command();
Command show_command();
Command head_command();
Command stats_command();
Command verify_command();
Command index_command();
Command completion_command();
Command help_command();

}  // namespace eventsource::cli
