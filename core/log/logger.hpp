// The way of one part of the engine into its store's log, or into none.
// A value; any thread.
#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "core/base/environment.hpp"
#include "core/log/log.hpp"

namespace eventsource::core {

class Logger {
 public:
  // Tells nobody.
  Logger() = default;
  // `name` is a literal; `log` may be empty; `environment` has the time and outlives the logger.
  Logger(std::shared_ptr<Log> log, const char* name, Environment& environment)
      : log_(std::move(log)), name_(name), environment_(&environment) {}

  // The same log for another part.
  [[nodiscard]] Logger named(const char* name) const {
    Logger other = *this;
    other.name_ = name;
    return other;
  }

  // Ask before work that only a record needs.
  [[nodiscard]] bool wants(LogLevel level) const noexcept { return log_ != nullptr && log_->wants(level); }

  void write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {}) const noexcept {
    if (!wants(level)) return;
    log_->write(environment_->wall_us(), level, name_, message, std::span(fields.begin(), fields.size()));
  }

 private:
  std::shared_ptr<Log> log_;
  const char* name_ = "";
  Environment* environment_ = nullptr;
};

}  // namespace eventsource::core
