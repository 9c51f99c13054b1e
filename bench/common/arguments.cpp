#include "bench/common/arguments.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>

Arguments::Arguments(int argc, char** argv) {
  if (argc < 3) fail("usage", "PROGRAM STORE WORK [key=value]...");
  store_ = argv[1];
  work_ = argv[2];
  for (int i = 3; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const std::size_t equals = argument.find('=');
    if (equals == std::string_view::npos) fail(argument, "not of the form key=value");
    values_.emplace(argument.substr(0, equals), argument.substr(equals + 1));
  }
}

const std::string& Arguments::text(std::string_view key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) fail(work_, "wants " + std::string(key) + "=…");
  return found->second;
}

std::size_t Arguments::number(std::string_view key) const {
  const std::string& digits = text(key);
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) fail(key, "wants a number, not " + digits);
  return value;
}

void fail(std::string_view what, std::string_view why) {
  std::fprintf(stderr, "bench: %.*s: %.*s\n", static_cast<int>(what.size()), what.data(), static_cast<int>(why.size()),
               why.data());
  std::exit(1);
}
