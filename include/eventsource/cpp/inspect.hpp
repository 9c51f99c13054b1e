// What is in a store: sizes and counts, in one consistent look. Immutable, any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "eventsource/cpp/handle.hpp"
#include "eventsource/inspect.h"

namespace eventsource {

// How many events there are of one type. The names live as long as the inspection.
struct TypeCount {
  std::string_view aggregate_type;
  std::string_view event_type;
  std::int64_t events;
};

class Inspection {
 public:
  // Takes over `inspection`.
  explicit Inspection(es_inspection* inspection) noexcept : inspection_(inspection) {}

  [[nodiscard]] std::int64_t events() const noexcept { return es_inspection_events(inspection_.get()); }
  [[nodiscard]] std::int64_t streams() const noexcept { return es_inspection_streams(inspection_.get()); }
  [[nodiscard]] std::int64_t snapshots() const noexcept { return es_inspection_snapshots(inspection_.get()); }
  // 0 when there is no event.
  [[nodiscard]] std::int64_t first_position() const noexcept { return es_inspection_first_position(inspection_.get()); }
  [[nodiscard]] std::int64_t last_position() const noexcept { return es_inspection_last_position(inspection_.get()); }
  // Bytes on disk: an SQLite file, and its write-ahead log that is not folded in yet; PostgreSQL's table with its indexes.
  [[nodiscard]] std::int64_t file_bytes() const noexcept { return es_inspection_file_bytes(inspection_.get()); }
  [[nodiscard]] std::int64_t wal_bytes() const noexcept { return es_inspection_wal_bytes(inspection_.get()); }

  // Counts by aggregate type and event type, in the order of those names. `index` is below type_count().
  [[nodiscard]] std::size_t type_count() const noexcept { return es_inspection_type_count(inspection_.get()); }
  [[nodiscard]] TypeCount type(std::size_t index) const noexcept {
    return {es_inspection_aggregate_type(inspection_.get(), index), es_inspection_event_type(inspection_.get(), index),
            es_inspection_type_events(inspection_.get(), index)};
  }

 private:
  detail::Handle<es_inspection, es_inspection_close> inspection_;
};

}  // namespace eventsource
