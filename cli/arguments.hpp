// A command's arguments, taken apart by its table of options.
// Thread rule: a value; used by one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eventsource::cli {

struct Command;

class Arguments {
 public:
  [[nodiscard]] bool has(std::string_view option) const;
  [[nodiscard]] std::optional<std::string> value(std::string_view option) const;
  [[nodiscard]] std::vector<std::string> values(std::string_view option) const;

  // The index-th positional; nothing when it was left out.
  [[nodiscard]] std::optional<std::string> positional(std::size_t index) const;

 private:
  friend Arguments parse_arguments(const Command& command, const std::vector<std::string>& words);

  std::vector<std::pair<std::string_view, std::string>> options_;
  std::vector<std::string> positionals_;
};

// Takes `words` apart. `--name value` and `--name=value` are the same; `--` ends the options; `-` is a positional.
// With --help only that is looked at. Throws Failure(kExitUsage).
Arguments parse_arguments(const Command& command, const std::vector<std::string>& words);

// A value that `eventsource`, not a command, takes apart: `words[at]` is `--name` or `--name=value`. Moves `at` to the
// last word that was used. Throws Failure(kExitUsage) where the value is missing.
std::string take_value(const std::vector<std::string>& words, std::size_t& at);

// The name in an option's word: `--store=x` gives `store`, `-h` gives `help`.
std::string_view option_name(std::string_view word);

}  // namespace eventsource::cli
