// Appends events in batches of one transaction each, in the order in which they come.
// Thread rule: used by one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventsource/eventsource.hpp"

#include "cli/event_line.hpp"

namespace eventsource::cli {

// An event that the store refuses. Everything before it is stored, nothing after it.
struct Rejected {
  std::int64_t place;
  std::string what;
};

struct ImportCounts {
  std::int64_t stored = 0;
  std::int64_t present = 0;
  std::int64_t new_streams = 0;
};

class Importer {
 public:
  Importer(Store store, std::size_t batch_events);

  // Copies a text to where it lives until the batch is stored.
  std::string_view keep(std::string_view text);
  // Where texts that had to be unescaped live as long.
  std::deque<std::string>& texts() noexcept { return texts_; }

  // Adds an event whose texts are kept here; `place` is its line or position. Stores the batch when it
  // is full: true says so. Throws as flush().
  bool add(const EventInput& event, std::int64_t place);

  // Stores what was added. Throws Rejected, and Exception when the store can't do it now.
  void flush();

  [[nodiscard]] const ImportCounts& counts() const noexcept { return counts_; }

 private:
  struct Refusal {
    std::size_t index;
    std::string what;
    bool before_is_stored = false;
  };

  // Appends the first `count` events; says which of them is refused and why.
  std::optional<Refusal> append_first(std::size_t count);
  // The same when the store names no event: one at a time.
  std::optional<Refusal> append_each(std::size_t count);
  std::optional<Error> append_range(std::size_t first, std::size_t count, std::size_t& failed);
  void count(const AppendResult& result);
  void clear();

  Store store_;
  std::size_t batch_events_;
  Append append_;
  std::vector<EventInput> events_;
  std::vector<std::int64_t> places_;
  std::size_t bytes_ = 0;  // kept for the batch: all that keep() copied, and the first counted_texts_ texts
  std::size_t counted_texts_ = 0;
  std::vector<std::byte> first_block_;
  std::pmr::monotonic_buffer_resource arena_;
  std::deque<std::string> texts_;
  ImportCounts counts_;
};

}  // namespace eventsource::cli
