// Taking a command line apart.
#include "cli/arguments.hpp"

#include <algorithm>

#include "cli/command.hpp"
#include "cli/failure.hpp"
#include "cli/suggest.hpp"

namespace eventsource::cli {
namespace {

[[noreturn]] void refuse(const Command& command, const std::string& what) {
  throw Failure(kExitUsage, what + "; see eventsource " + std::string(command.name) + " --help");
}

const Option& find_option(const Command& command, std::string_view word) {
  const std::string_view name = option_name(word);
  std::vector<std::string_view> names = {"help"};
  for (const Option& option : command.options) {
    if (option.name == name && word.starts_with("--")) return option;
    names.push_back(option.name);
  }
  const std::string_view shown = word.substr(0, word.find('='));
  refuse(command, "unknown option " + std::string(shown) + suggestion(name, names, "--"));
}

void check_choice(const Command& command, const std::string& what, const std::string& value,
                  const std::vector<std::string_view>& choices) {
  if (choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end()) return;
  std::string list;
  for (const std::string_view choice : choices) {
    if (!list.empty()) list += choice == choices.back() ? " or " : ", ";
    list += choice;
  }
  refuse(command, what + " is " + list + ", not \"" + value + "\"" + suggestion(value, choices, ""));
}

void check_positionals(const Command& command, const std::vector<std::string>& given) {
  for (std::size_t i = 0; i < command.positionals.size(); ++i) {
    const Positional& positional = command.positionals[i];
    if (i >= given.size()) {
      if (positional.required) refuse(command, std::string(positional.name) + " is missing");
      continue;
    }
    check_choice(command, std::string(positional.name), given[i], positional.choices);
  }
  const bool takes_more = !command.positionals.empty() && command.positionals.back().repeats;
  if (given.size() > command.positionals.size() && !takes_more) {
    refuse(command, "\"" + given[command.positionals.size()] + "\" is one argument too many");
  }
}

}  // namespace

std::string_view option_name(std::string_view word) {
  if (word == "-h") return "help";
  word.remove_prefix(std::min(word.find_first_not_of('-'), word.size()));
  return word.substr(0, word.find('='));
}

std::string take_value(const std::vector<std::string>& words, std::size_t& at) {
  const std::string& word = words[at];
  const std::size_t equals = word.find('=');
  if (equals != std::string::npos) return word.substr(equals + 1);
  if (at + 1 == words.size()) throw Failure(kExitUsage, word + " wants a value");
  return words[++at];
}

Arguments parse_arguments(const Command& command, const std::vector<std::string>& words) {
  Arguments arguments;
  bool options_ended = false;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (options_ended || word.size() < 2 || word[0] != '-') {
      arguments.positionals_.push_back(word);
      continue;
    }
    if (word == "--") {
      options_ended = true;
      continue;
    }
    if (word == "--help" || word == "-h") {
      arguments.options_ = {{"help", ""}};
      return arguments;
    }
    const Option& option = find_option(command, word);
    if (!option.repeats && arguments.has(option.name))
      refuse(command, "--" + std::string(option.name) + " stands twice");
    if (option.value.empty() && word.find('=') != std::string::npos) {
      refuse(command, "--" + std::string(option.name) + " takes no value");
    }
    std::string value = option.value.empty() ? std::string() : take_value(words, at);
    check_choice(command, "--" + std::string(option.name), value, option.choices);
    arguments.options_.emplace_back(option.name, std::move(value));
  }
  check_positionals(command, arguments.positionals_);
  return arguments;
}

bool Arguments::has(std::string_view option) const {
  return value(option).has_value();
}

std::optional<std::string> Arguments::value(std::string_view option) const {
  for (const auto& [name, value] : options_) {
    if (name == option) return value;
  }
  return std::nullopt;
}

std::vector<std::string> Arguments::values(std::string_view option) const {
  std::vector<std::string> found;
  for (const auto& [name, value] : options_) {
    if (name == option) found.push_back(value);
  }
  return found;
}

std::optional<std::string> Arguments::positional(std::size_t index) const {
  if (index >= positionals_.size()) return std::nullopt;
  return positionals_[index];
}

}  // namespace eventsource::cli
