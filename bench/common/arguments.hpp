// The command line: STORE WORK [key=value]... A key that is missing, or not a number where one is wanted, ends the program.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

class Arguments {
 public:
  Arguments(int argc, char** argv);

  // A URL: postgresql://…, sqlite:///FILE.
  [[nodiscard]] const std::string& store() const noexcept { return store_; }
  [[nodiscard]] const std::string& work() const noexcept { return work_; }

  [[nodiscard]] bool has(std::string_view key) const { return values_.contains(key); }
  [[nodiscard]] const std::string& text(std::string_view key) const;
  [[nodiscard]] std::size_t number(std::string_view key) const;
  [[nodiscard]] std::size_t number_or(std::string_view key, std::size_t missing) const {
    return has(key) ? number(key) : missing;
  }

 private:
  std::string store_;
  std::string work_;
  std::map<std::string, std::string, std::less<>> values_;
};

// Tells the user and ends the program: a figure of a work that failed is none.
[[noreturn]] void fail(std::string_view what, std::string_view why);
