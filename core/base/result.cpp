#include "core/base/result.hpp"

namespace eventsource::core {

Error&& Error::detail(const char* key, std::string value) && {
  details_.push_back({key, std::move(value)});
  return std::move(*this);
}

Error&& Error::detail(const char* key, std::int64_t value) && {
  return std::move(*this).detail(key, std::to_string(value));
}

Error&& Error::in(const std::string& place) && {
  message_.insert(0, place + ": ");
  return std::move(*this);
}

Error&& Error::retryable() && {
  retryable_ = true;
  return std::move(*this);
}

Error&& Error::outcome(std::int32_t outcome) && {
  outcome_ = outcome;
  return std::move(*this);
}

Error&& Error::sqlstate(std::string state) && {
  sqlstate_ = std::move(state);
  return std::move(*this);
}

}  // namespace eventsource::core
