// The optional indexes of a store in PostgreSQL. Immutable, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "eventsource/cpp/handle.hpp"
#include "eventsource/index.h"

namespace eventsource {

enum class IndexState : std::int32_t {
  kAbsent = ES_INDEX_ABSENT,
  kReady = ES_INDEX_READY,
  kInvalid = ES_INDEX_INVALID,
  kBuilding = ES_INDEX_BUILDING,
};

// The texts live as long as the list.
struct OptionalIndex {
  std::string_view name;
  std::string_view purpose;
  IndexState state;
  std::int64_t bytes;
};

class Indexes {
 public:
  // Takes over `indexes`.
  explicit Indexes(es_indexes* indexes) noexcept : indexes_(indexes) {}

  [[nodiscard]] std::size_t size() const noexcept { return es_indexes_count(indexes_.get()); }
  // In the order of their names. `index` is below size().
  [[nodiscard]] OptionalIndex operator[](std::size_t index) const noexcept {
    const es_indexes* const all = indexes_.get();
    return {es_indexes_name(all, index), es_indexes_purpose(all, index),
            static_cast<IndexState>(es_indexes_state(all, index)), es_indexes_bytes(all, index)};
  }

 private:
  detail::Handle<es_indexes, es_indexes_close> indexes_;
};

}  // namespace eventsource
