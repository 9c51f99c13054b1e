// What a command is: its name, what it takes and what runs it. The same values make the parser, the help and the
// completion scripts. Thread rule: built once by commands(), then only read.
#pragma once

#include <string_view>
#include <vector>

#include "cli/arguments.hpp"

namespace eventsource::cli {

struct Option {
  std::string_view name;   // without its dashes
  std::string_view value;  // what stands for its value in the help; empty: a switch
  std::string_view meaning;
  bool repeats = false;
  std::vector<std::string_view> choices = {};  // empty: any value
};

struct Positional {
  std::string_view name;
  bool required = true;
  bool is_file = false;
  std::vector<std::string_view> choices = {};
  bool repeats = false;  // the last one of a command
};

struct Command {
  std::string_view name;
  std::string_view summary;
  std::vector<Positional> positionals;
  std::vector<Option> options;
  std::string_view text;      // what the help says below the options
  std::string_view examples;  // one a line
  int (*run)(const Arguments& arguments);
};

// Options that several commands have.
Option store_option();
Option json_option(std::string_view meaning = "print the result as one JSON object");

// Every command, in the order of the help.
const std::vector<Command>& commands();

// The command with this name; nullptr when there is none.
const Command* find_command(std::string_view name);

}  // namespace eventsource::cli
