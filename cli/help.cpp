// eventsource help, and what --help prints.
#include "cli/help.hpp"

#include <algorithm>
#include <unistd.h>

#include "eventsource/eventsource.hpp"

#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/output.hpp"
#include "cli/suggest.hpp"
#include "cli/terminal.hpp"

namespace eventsource::cli {
namespace {

constexpr std::string_view kExitTopic = "exit";

std::string padded(std::string_view text, std::size_t columns) {
  std::string out(text);
  out.resize(std::max(columns, out.size()) + 2, ' ');
  return out;
}

std::string title(bool colour, std::string_view text) {
  return "\n" + coloured(colour, Colour::kBold, text) + "\n";
}

std::string option_text(const Option& option) {
  std::string text = "--" + std::string(option.name);
  if (!option.value.empty()) text += " " + std::string(option.value);
  return text;
}

std::string indented_lines(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out.append("  ").append(text.substr(0, end)).append("\n");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string usage(const Command& command) {
  std::string text = "eventsource " + std::string(command.name);
  for (const Positional& positional : command.positionals) {
    text += positional.required ? " " : " [";
    text += positional.name;
    if (!positional.required) text += "]";
    if (positional.repeats) text += "...";
  }
  return text + " [OPTION]...";
}

int run(const Arguments& arguments) {
  const bool colour = wants_colour(STDOUT_FILENO);
  Output out(STDOUT_FILENO, "standard output");
  const std::optional<std::string> topic = arguments.positional(0);
  if (!topic) {
    out.write(program_help(colour));
  } else if (*topic == kExitTopic) {
    out.write(exit_help(colour));
  } else if (const Command* const command = find_command(*topic)) {
    out.write(command_help(*command, colour));
  } else {
    std::vector<std::string_view> names = {kExitTopic};
    for (const Command& known : commands()) names.push_back(known.name);
    throw Failure(kExitUsage, "there is no help on \"" + *topic + "\"" + suggestion(*topic, names, ""));
  }
  out.flush();
  return kExitOk;
}

}  // namespace

std::string program_help(bool colour) {
  std::string text = "eventsource " + std::string(es_version()) + ": events into a store and out again\n";
  text += title(colour, "usage") + "  eventsource COMMAND [ARGUMENT]... [OPTION]...\n";
  text += title(colour, "commands");
  for (const Command& command : commands()) {
    text += "  " + padded(command.name, 10) + std::string(command.summary) + "\n";
  }
  const Option store = store_option();
  text += title(colour, "options of every command that has a store");
  text += "  " + padded(option_text(store), 10) + std::string(store.meaning) + "\n";
  text += title(colour, "more");
  text +=
      "  eventsource COMMAND --help   its options and examples\n"
      "  eventsource help exit        what the exit statuses mean\n"
      "  eventsource --version        the version of the library\n";
  return text;
}

std::string command_help(const Command& command, bool colour) {
  std::string text = "eventsource " + std::string(command.name) + ": " + std::string(command.summary) + "\n";
  text += title(colour, "usage") + "  " + usage(command) + "\n";
  if (!command.text.empty()) text += "\n" + indented_lines(command.text);
  std::vector<Option> options = command.options;
  options.push_back({.name = "help", .value = "", .meaning = "this text"});
  std::size_t columns = 0;
  for (const Option& option : options) columns = std::max(columns, option_text(option).size());
  text += title(colour, "options");
  for (const Option& option : options) {
    text += "  " + padded(option_text(option), columns) + std::string(option.meaning);
    text += option.repeats ? "; may be repeated\n" : "\n";
  }
  if (!command.examples.empty()) text += title(colour, "examples") + indented_lines(command.examples);
  return text;
}

std::string exit_help(bool colour) {
  return "eventsource: exit statuses\n" + title(colour, "exit statuses") +
         "  0    done\n"
         "  1    the data or the store says no: a bad line, a conflict, an event that is not there, a file that is\n"
         "       no store or is damaged, something that verify found\n"
         "  2    the command line is wrong: an unknown command or option, a value that it can't have, a URL of no\n"
         "       known form\n"
         "  3    a store or a file can't be opened, read or written now: missing, busy, read-only, no room, I/O, a\n"
         "       server that is out of reach or refuses\n"
         "  4    a bug in eventsource: please report it with the message\n"
         "  130  interrupted by Ctrl-C (143: by SIGTERM); an import leaves whole transactions, an export to a\n"
         "       file what was there\n"
         "  141  the reader of the output went away (SIGPIPE)\n";
}

Command help_command() {
  return {
      .name = "help",
      .summary = "help on a command, or on exit statuses",
      .positionals = {{.name = "TOPIC", .required = false}},
      .options = {},
      .text = "TOPIC is a command or `exit`.",
      .examples =
          "eventsource help import\n"
          "eventsource help exit",
      .run = run,
  };
}

}  // namespace eventsource::cli
