// Which streams appends are under way to. Marking needs no memory.
// One thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "core/event/append_input.hpp"

namespace eventsource::core {

class StreamMarks {
 public:
  // The marks of one append, which it brings along. It stays where it is while they are set.
  class Of {
   public:
    explicit Of(std::span<const StreamInput> streams) {
      if (streams.size() == 1) {
        one_.stream = streams.front().name;
        return;
      }
      for (const StreamInput& stream : streams) more_.push_back({stream.name, nullptr});
    }
    Of(const Of&) = delete;
    Of& operator=(const Of&) = delete;

   private:
    friend class StreamMarks;

    struct Mark {
      StreamName stream;
      Mark* next = nullptr;
    };

    [[nodiscard]] std::span<Mark> all() { return more_.empty() ? std::span(&one_, 1) : std::span(more_); }

    Mark one_;
    std::vector<Mark> more_;
  };

  void set(Of& marks) noexcept {
    for (Of::Mark& mark : marks.all()) {
      Of::Mark*& bucket = bucket_of(mark.stream);
      mark.next = bucket;
      bucket = &mark;
    }
  }

  void clear(Of& marks) noexcept {
    for (Of::Mark& mark : marks.all()) {
      Of::Mark** place = &bucket_of(mark.stream);
      while (*place != &mark) place = &(*place)->next;
      *place = mark.next;
    }
  }

  // Whether one of its streams is marked.
  [[nodiscard]] bool meet(Of& marks) noexcept {
    for (const Of::Mark& mark : marks.all()) {
      for (const Of::Mark* other = bucket_of(mark.stream); other != nullptr; other = other->next) {
        if (other->stream == mark.stream) return true;
      }
    }
    return false;
  }

 private:
  static constexpr std::size_t kBuckets = 1'024;

  [[nodiscard]] Of::Mark*& bucket_of(const StreamName& stream) noexcept {
    return buckets_[StreamNameHash{}(stream) % kBuckets];
  }

  std::array<Of::Mark*, kBuckets> buckets_{};
};

}  // namespace eventsource::core
