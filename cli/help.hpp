// The help texts, made from the table of commands.
// Thread rule: pure functions; any thread.
#pragma once

#include <string>

#include "cli/command.hpp"

namespace eventsource::cli {

std::string program_help(bool colour);
std::string command_help(const Command& command, bool colour);
std::string exit_help(bool colour);

}  // namespace eventsource::cli
