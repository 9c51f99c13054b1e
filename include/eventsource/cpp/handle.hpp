// The owner of one C handle. Threads: as the handle that it owns.
#pragma once

#include <utility>

namespace eventsource::detail {

template <class T, void (*kClose)(T**) noexcept>
class Handle {
 public:
  Handle() noexcept = default;
  explicit Handle(T* handle) noexcept : handle_(handle) {}
  Handle(Handle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) {
      kClose(&handle_);
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~Handle() { kClose(&handle_); }

  [[nodiscard]] T* get() const noexcept { return handle_; }

  // Where a C function stores a new handle; what was held is closed first.
  [[nodiscard]] T** out() noexcept {
    kClose(&handle_);
    return &handle_;
  }

 private:
  T* handle_ = nullptr;
};

}  // namespace eventsource::detail
