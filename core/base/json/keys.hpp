// The keys of all objects the scan has open, and whether one of them comes twice in its object.
// Thread rule: one object per scan, used by one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <forward_list>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

namespace eventsource::core::json {

class OpenKeys {
 public:
  OpenKeys();
  OpenKeys(const OpenKeys&) = delete;
  OpenKeys& operator=(const OpenKeys&) = delete;

  static constexpr std::size_t kNoDuplicate = static_cast<std::size_t>(-1);

  // Where the keys of an object that opens now will start.
  [[nodiscard]] std::size_t mark() const noexcept { return keys_.size(); }

  // A copy of `text` that lives as long as this object: for keys whose escapes were undone.
  [[nodiscard]] std::string_view keep(std::string_view text);

  // Adds a key (unescaped; its bytes must stay) of the innermost object, which began at `first`.
  // `offset` is what a duplicate is reported by. False if the object's first keys, of which there
  // are at most kCompared, hold it already.
  [[nodiscard]] bool add(std::size_t first, std::string_view key, std::size_t offset);

  // Ends the innermost object. Gives the offset of the first key that came again, if it was not
  // seen by add, or kNoDuplicate.
  [[nodiscard]] std::size_t close(std::size_t first);

 private:
  struct Key {
    std::string_view text;
    std::size_t offset;
    std::uint32_t fingerprint;
  };

  // Up to here a new key is compared with each earlier one. Bigger objects are sorted once at their
  // end: no number of keys makes the work quadratic, and no choice of keys (as with a hash table).
  static constexpr std::size_t kCompared = 32;
  static constexpr std::size_t kInline = 48;

  [[nodiscard]] static std::uint32_t fingerprint(std::string_view text) noexcept;

  std::array<std::byte, kInline * sizeof(Key)> buffer_;  // ordinary events need no allocation
  std::pmr::monotonic_buffer_resource memory_;
  std::pmr::vector<Key> keys_;
  std::pmr::forward_list<std::pmr::string> kept_;
};

}  // namespace eventsource::core::json
