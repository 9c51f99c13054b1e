// Texts copied to a place where they stay until everything is cleared: no allocation per text.
// One thread at a time.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace eventsource::core {

class TextArena {
 public:
  // A copy of `text` that lives until clear().
  [[nodiscard]] std::string_view keep(std::string_view text) {
    if (text.empty()) return "";
    if (used_ + text.size() > capacity()) next_block(text.size());
    char* const place = blocks_[current_].bytes.get() + used_;
    std::memcpy(place, text.data(), text.size());
    used_ += text.size();
    return {place, text.size()};
  }

  // Forgets the texts and keeps the memory, but for blocks made for one large text.
  void clear() {
    std::erase_if(blocks_, [](const Block& block) { return block.size > kBlockSize; });
    current_ = 0;
    used_ = 0;
  }

 private:
  static constexpr std::size_t kBlockSize = std::size_t{64} * 1024;

  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size;
  };

  [[nodiscard]] std::size_t capacity() const { return current_ < blocks_.size() ? blocks_[current_].size : 0; }

  void next_block(std::size_t size) {
    std::size_t next = blocks_.empty() ? 0 : current_ + 1;
    while (next < blocks_.size() && blocks_[next].size < size) ++next;
    if (next >= blocks_.size()) {
      const std::size_t bytes = std::max(size, kBlockSize);
      blocks_.push_back({std::make_unique_for_overwrite<char[]>(bytes), bytes});
      next = blocks_.size() - 1;
    }
    current_ = next;
    used_ = 0;
  }

  std::vector<Block> blocks_;
  std::size_t current_ = 0;
  std::size_t used_ = 0;
};

}  // namespace eventsource::core
