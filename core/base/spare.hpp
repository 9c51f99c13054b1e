// A few large objects kept for whoever needs one next: the pages of fresh memory are made one fault after the other, which
// costs a read of a thousand events a quarter of its time.
// Any thread, without a lock, so that a fork leaves nothing half done. It is for static storage: what it keeps is never
// freed.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>

namespace eventsource::core {

// An address that is used again hides from the sanitizer what still points to it.
inline constexpr bool kKeepsSpare =
#if defined(__SANITIZE_ADDRESS__)
    false;
#elif defined(__clang__)
    !__has_feature(address_sanitizer);
#else
    true;
#endif

// T is an object or an array.
template <typename T, std::size_t kMost = 4>
class Spare {
 public:
  // nullptr: there is none.
  [[nodiscard]] std::unique_ptr<T> take() noexcept {
    for (auto& slot : slots_) {
      // A look costs no other core its cache line, as an exchange does.
      if (slot.load(std::memory_order_relaxed) == nullptr) continue;
      if (Pointer kept = slot.exchange(nullptr, std::memory_order_acquire)) return std::unique_ptr<T>(kept);
    }
    return nullptr;
  }

  // Keeps it, or frees it where there are enough.
  void give(std::unique_ptr<T> object) noexcept {
    if (!kKeepsSpare) return;
    for (auto& slot : slots_) {
      Pointer none = nullptr;
      if (slot.compare_exchange_strong(none, object.get(), std::memory_order_release, std::memory_order_relaxed)) {
        static_cast<void>(object.release());
        return;
      }
    }
  }

 private:
  using Pointer = typename std::unique_ptr<T>::pointer;

  std::array<std::atomic<Pointer>, kMost> slots_{};
};

}  // namespace eventsource::core
