// eventsource completion: scripts for shells, made from the table of commands.
#include <string>
#include <unistd.h>

#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/output.hpp"

namespace eventsource::cli {
namespace {

std::string joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

// In single quotes for a shell: 'can'\''t' (fish takes the same).
std::string shell_quoted(std::string_view text) {
  std::string out(1, '\'');
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  out += '\'';
  return out;
}

std::string command_names() {
  std::vector<std::string_view> names;
  for (const Command& command : commands()) names.push_back(command.name);
  return joined(names);
}

std::string option_words(const Command& command) {
  std::string text;
  for (const Option& option : command.options) text.append("--").append(option.name).append(" ");
  return text + "--help";
}

// What the first argument of a command can be, where that is known; `help` takes the names of commands.
std::string argument_words(const Command& command) {
  if (command.name == "help") return command_names() + " exit";
  return command.positionals.empty() ? std::string() : joined(command.positionals[0].choices);
}

bool takes_file(const Command& command) {
  return !command.positionals.empty() && command.positionals[0].is_file;
}

std::string bash_script() {
  std::string text =
      "# Completion of eventsource for bash; printed by `eventsource completion bash`.\n"
      "_eventsource() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command='' i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case ${COMP_WORDS[i]} in\n"
      "      --store) ((i++)) ;;\n"
      "      -*) ;;\n"
      "      *) command=${COMP_WORDS[i]}; break ;;\n"
      "    esac\n"
      "  done\n"
      "  local options='' words='' files=''\n"
      "  case $command in\n"
      "    '') options='--store --help --version' words='" +
      command_names() + "' ;;\n";
  std::string choices;
  std::string values;
  for (const Command& command : commands()) {
    text += "    " + std::string(command.name) + ") options='" + option_words(command) + "'";
    if (const std::string words = argument_words(command); !words.empty()) text += " words='" + words + "'";
    if (takes_file(command)) text += " files=yes";
    text += " ;;\n";
    for (const Option& option : command.options) {
      const std::string pattern = "    " + std::string(command.name) + ":--" + std::string(option.name) + ") ";
      if (!option.choices.empty()) {
        choices += pattern + "options='' words='" + joined(option.choices) + "' files='' ;;\n";
      } else if (!option.value.empty()) {
        values += pattern + "return ;;\n";
      }
    }
  }
  text += "  esac\n  case $command:$before in\n    :--store) return ;;\n" + choices + values + "  esac\n";
  text +=
      "  if [[ $word == -* ]]; then words=$options; fi\n"
      "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
      "  if [[ -n $files && $word != -* ]]; then mapfile -t COMPREPLY < <(compgen -f -- \"$word\"); fi\n"
      "}\n"
      "complete -o filenames -F _eventsource eventsource\n";
  return text;
}

std::string zsh_option(const Option& option) {
  // In a specification of _arguments, brackets and colons have a meaning of their own.
  std::string meaning;
  for (const char c : option.meaning) {
    if (c == ':' || c == '[' || c == ']') meaning += '\\';
    meaning += c;
  }
  std::string spec = (option.repeats ? "*--" : "--") + std::string(option.name) + "[" + meaning + "]";
  if (!option.value.empty()) {
    spec += ":" + std::string(option.value) + ":";
    if (!option.choices.empty()) spec += "(" + joined(option.choices) + ")";
  }
  return shell_quoted(spec);
}

std::string zsh_script() {
  std::string text =
      "#compdef eventsource\n"
      "# Completion of eventsource for zsh; printed by `eventsource completion zsh`.\n"
      "_eventsource() {\n"
      "  local -a commands\n"
      "  commands=(\n";
  for (const Command& command : commands()) {
    text += "    " + shell_quoted(std::string(command.name) + ":" + std::string(command.summary)) + "\n";
  }
  text +=
      "  )\n"
      "  if ((CURRENT == 2)); then\n"
      "    _describe command commands\n"
      "    return\n"
      "  fi\n"
      "  local command=$words[2]\n"
      "  shift words\n"
      "  ((CURRENT--))\n"
      "  case $command in\n";
  for (const Command& command : commands()) {
    text += "    " + std::string(command.name) + ")\n      _arguments";
    for (const Option& option : command.options) text += " \\\n        " + zsh_option(option);
    text += " \\\n        '--help[this text]'";
    if (const std::string words = argument_words(command); !words.empty()) text += " \\\n        '1::(" + words + ")'";
    if (takes_file(command)) text += " \\\n        '1:file:_files'";
    text += "\n      ;;\n";
  }
  return text + "  esac\n}\ncompdef _eventsource eventsource\n";
}

std::string fish_script() {
  std::string text =
      "# Completion of eventsource for fish; printed by `eventsource completion fish`.\n"
      "complete -c eventsource -f\n";
  for (const Command& command : commands()) {
    const std::string name(command.name);
    text +=
        "complete -c eventsource -n __fish_use_subcommand -a " + name + " -d " + shell_quoted(command.summary) + "\n";
    const std::string here = "complete -c eventsource -n '__fish_seen_subcommand_from " + name + "' ";
    if (takes_file(command)) text.append(here).append("-F\n");
    const std::string words = argument_words(command);
    if (!words.empty()) text.append(here).append("-a '").append(words).append("'\n");
    for (const Option& option : command.options) {
      text.append(here).append("-l ").append(option.name);
      if (!option.value.empty()) text += " -x";
      if (!option.choices.empty()) text += " -a '" + joined(option.choices) + "'";
      text += " -d " + shell_quoted(option.meaning) + "\n";
    }
  }
  return text;
}

int run(const Arguments& arguments) {
  const std::string shell = *arguments.positional(0);
  Output out(STDOUT_FILENO, "standard output");
  out.write(shell == "bash" ? bash_script() : shell == "zsh" ? zsh_script() : fish_script());
  out.flush();
  return kExitOk;
}

}  // namespace

Command completion_command() {
  return {
      .name = "completion",
      .summary = "print the completion script of a shell",
      .positionals = {{.name = "SHELL", .choices = {"bash", "zsh", "fish"}}},
      .options = {},
      .text = "SHELL is bash, zsh or fish.",
      .examples =
          "source <(eventsource completion bash)\n"
          "eventsource completion fish > ~/.config/fish/completions/eventsource.fish",
      .run = run,
  };
}

}  // namespace eventsource::cli
