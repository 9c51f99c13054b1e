// The keys of all objects the scan has open, and whether one of them comes twice in its object.
// Thread rule: one object per scan, used by one thread.
#include "core/base/json/keys.hpp"

#include <algorithm>

#include "core/base/json/bytes.hpp"

namespace eventsource::core::json {

OpenKeys::OpenKeys() : memory_(buffer_.data(), buffer_.size()), keys_(&memory_), kept_(&memory_) {
  keys_.reserve(kInline);
}

std::string_view OpenKeys::keep(std::string_view text) {
  return kept_.emplace_front(text);
}

std::uint32_t OpenKeys::fingerprint(std::string_view text) noexcept {
  std::uint64_t head = 0;
  std::uint64_t tail = 0;
  const std::size_t size = text.size();
  if (size >= 8) {
    head = words::load(text.data());
    tail = words::load(text.data() + size - 8);
  } else {
    for (const char c : text) head = head << 8U | static_cast<unsigned char>(c);
  }
  const std::uint64_t mixed = (head ^ size) * 0x9E3779B97F4A7C15U + (tail ^ tail >> 29U) * 0xC2B2AE3D27D4EB4FU;
  return static_cast<std::uint32_t>(mixed >> 32U);
}

bool OpenKeys::add(std::size_t first, std::string_view key, std::size_t offset) {
  const std::uint32_t print = fingerprint(key);
  const std::size_t last = std::min(keys_.size(), first + kCompared);
  for (std::size_t i = first; i < last; ++i) {
    if (keys_[i].fingerprint == print && keys_[i].text == key) return false;
  }
  keys_.push_back({key, offset, print});
  return true;
}

std::size_t OpenKeys::close(std::size_t first) {
  std::size_t duplicate = kNoDuplicate;
  if (keys_.size() - first > kCompared) {
    const auto begin = keys_.begin() + static_cast<std::ptrdiff_t>(first);
    std::sort(begin, keys_.end(), [](const Key& a, const Key& b) {
      if (a.fingerprint != b.fingerprint) return a.fingerprint < b.fingerprint;
      if (a.text.size() != b.text.size()) return a.text.size() < b.text.size();
      const int order = a.text.compare(b.text);
      return order != 0 ? order < 0 : a.offset < b.offset;
    });
    for (auto key = begin + 1; key != keys_.end(); ++key) {
      if (key->fingerprint == key[-1].fingerprint && key->text == key[-1].text) {
        duplicate = std::min(duplicate, key->offset);
      }
    }
  }
  keys_.resize(first);
  return duplicate;
}

}  // namespace eventsource::core::json
