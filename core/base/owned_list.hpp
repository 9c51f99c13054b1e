// Objects in a row, which owns them. They bring their links along, so that nothing allocates.
// One thread at a time.
#pragma once

#include <memory>
#include <utility>

namespace eventsource::core {

template <typename T>
class OwnedList;

// What is in a list of T: `class Job : public Linked<Job>`.
template <typename T>
class Linked {
 private:
  friend T;
  friend class OwnedList<T>;

  Linked() = default;

  T* behind_ = nullptr;
};

template <typename T>
class OwnedList {
 public:
  OwnedList() noexcept = default;
  OwnedList(OwnedList&& other) noexcept
      : first_(std::exchange(other.first_, nullptr)), last_(std::exchange(other.last_, nullptr)) {}
  OwnedList& operator=(OwnedList&&) = delete;
  ~OwnedList() {
    while (!empty()) static_cast<void>(pop());
  }

  [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }

  void push(std::unique_ptr<T> added) noexcept {
    T* const last = added.release();
    (first_ == nullptr ? first_ : link(*last_)) = last;
    last_ = last;
  }

  // The first, or nullptr.
  [[nodiscard]] std::unique_ptr<T> pop() noexcept {
    if (first_ == nullptr) return nullptr;
    std::unique_ptr<T> popped(std::exchange(first_, link(*first_)));
    link(*popped) = nullptr;
    if (first_ == nullptr) last_ = nullptr;
    return popped;
  }

  // In their order.
  template <typename Do>
  void each(const Do& visit) {
    for (T* at = first_; at != nullptr; at = link(*at)) visit(*at);
  }

  void swap(OwnedList& other) noexcept {
    std::swap(first_, other.first_);
    std::swap(last_, other.last_);
  }

 private:
  [[nodiscard]] static T*& link(T& of) noexcept { return static_cast<Linked<T>&>(of).behind_; }

  T* first_ = nullptr;
  T* last_ = nullptr;
};

}  // namespace eventsource::core
