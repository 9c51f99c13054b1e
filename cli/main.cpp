// The program `eventsource`: finds the command, runs it, and turns what it throws into a message and an exit status.
#include <csignal>
#include <string>
#include <unistd.h>
#include <vector>

#include "cli/command.hpp"
#include "cli/failure.hpp"
#include "cli/help.hpp"
#include "cli/hide_urls.hpp"
#include "cli/open_store.hpp"
#include "cli/output.hpp"
#include "cli/suggest.hpp"
#include "cli/terminal.hpp"

namespace eventsource::cli {
namespace {

void print(const std::string& text) {
  Output out(STDOUT_FILENO, "standard output");
  out.write(text);
  out.flush();
}

const Command& command_named(const std::string& name) {
  if (const Command* const command = find_command(name)) return *command;
  std::vector<std::string_view> names;
  for (const Command& command : commands()) names.push_back(command.name);
  throw Failure(kExitUsage,
                "there is no command \"" + name + "\"" + suggestion(name, names, "") + "; see eventsource --help");
}

int run_command(const Command& command, const std::vector<std::string>& words) {
  const Arguments arguments = parse_arguments(command, words);
  if (!arguments.has("help")) return command.run(arguments);
  print(command_help(command, wants_colour(STDOUT_FILENO)));
  return kExitOk;
}

int run(std::vector<std::string> words) {
  // --store may stand before the command; it is handed on as one of the command's own.
  std::vector<std::string> before;
  std::size_t at = 0;
  for (; at < words.size() && words[at].size() > 1 && words[at][0] == '-'; ++at) {
    const std::string_view name = option_name(words[at]);
    if (name == "help") {
      print(program_help(wants_colour(STDOUT_FILENO)));
      return kExitOk;
    }
    if (name == "version") {
      print("eventsource " + std::string(es_version()) + "\n");
      return kExitOk;
    }
    if (name != "store") {
      throw Failure(kExitUsage, "unknown option " + words[at] + suggestion(name, {"help", "version", "store"}, "--") +
                                    "; see eventsource --help");
    }
    before.push_back("--store=" + take_value(words, at));
  }
  if (at >= words.size()) {
    say(program_help(false));
    return kExitUsage;
  }
  const Command& command = command_named(words[at]);
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  words.insert(words.begin(), before.begin(), before.end());
  return run_command(command, words);
}

// The program's name is before the first line alone: a message of several has SQL to copy in the others.
void complain(std::string_view message) {
  std::string text = "eventsource: ";
  while (!message.empty()) {
    const std::size_t end = std::min(message.find('\n'), message.size());
    text += printable(message.substr(0, end));
    if (end < message.size()) text += '\n';
    message.remove_prefix(std::min(end + 1, message.size()));
  }
  say(text);
}

int guarded(const std::vector<std::string>& words) {
  try {
    return run(words);
  } catch (const Failure& failure) {
    complain(hide_urls(failure.what(), words));
    return failure.status();
  } catch (const Exception& failure) {
    complain(hide_urls(failure.what(), words));
    return exit_status(failure.error());
  } catch (const std::bad_alloc&) {
    complain("out of memory");
    return kExitUnavailable;
  } catch (const std::exception& failure) {
    complain("a bug, please report it: " + std::string(failure.what()));
    return kExitInternal;
  }
}

}  // namespace
}  // namespace eventsource::cli

int main(int count, char** words) {
  // Output looks for EPIPE itself: see Output::flush.
  std::signal(SIGPIPE, SIG_IGN);
  return eventsource::cli::guarded(std::vector<std::string>(words + (count > 0 ? 1 : 0), words + count));
}
