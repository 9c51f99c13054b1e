// How a command ends when it can't do its work: an exit status and what to tell the user.
// Thread rule: values; any thread.
#pragma once

#include <exception>
#include <string>
#include <utility>

namespace eventsource::cli {

// The exit statuses; `eventsource help exit` explains them.
enum ExitStatus : int {
  kExitOk = 0,
  kExitRefused = 1,      // the data or the store says no
  kExitUsage = 2,        // the command line is wrong
  kExitUnavailable = 3,  // a store or a file can't be opened, read or written now
  kExitInternal = 4,     // a bug
};

class Failure : public std::exception {
 public:
  Failure(int status, std::string message) : status_(status), message_(std::move(message)) {}

  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

 private:
  int status_;
  std::string message_;
};

}  // namespace eventsource::cli
