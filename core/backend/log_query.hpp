// What a read asks for and what it saw, and the walk that decides for each row whether it is on the page: the same on every backend.
// Values and a walk that belongs to one thread.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/page.hpp"
#include "core/event/stream.hpp"

namespace eventsource::core {

// The conditions of filter.h.
struct Filter {
  std::vector<std::string> event_types;
  std::vector<std::string> aggregate_types;
  std::optional<Uuid> tenant_id;
  std::int64_t occurred_from = std::numeric_limits<std::int64_t>::min();
  std::int64_t occurred_to = std::numeric_limits<std::int64_t>::max();
  std::int32_t partition = 0;
  std::int32_t partitions = 1;

  [[nodiscard]] bool passes_everything() const;
  // Looks at the columns only: `row.document` need not be there.
  [[nodiscard]] bool passes(const EventRow& row) const;
};

struct StreamQuery {
  StreamName stream;
  std::int64_t from_version = 1;  // both ends included
  std::int64_t to_version = std::numeric_limits<std::int64_t>::max();
  bool backward = false;
};

struct LogQuery {
  // Positions above `after` (backward: below it). Nothing: from the first event in the direction.
  std::optional<std::int64_t> after;
  bool after_end = false;    // from the end of the log, whatever it is
  std::int64_t through = 0;  // forward: the last position to read; 0: all
  bool backward = false;
  Filter filter;
};

// What a read saw, beside its events.
struct ReadEnd {
  bool is_end = false;
  std::int64_t scanned_through = 0;  // page.h
  std::int64_t seen = 0;             // the highest position that the read saw: what its token names
  std::int64_t database_time = 0;    // of a database with a clock of its own; 0: this machine's is meant
};

// One walk over the log into a page. A backend steps through its rows in the query's direction:
//   for each row: if (!walk.may_look()) break; if (walk.wants(row)) { fill in row.document; if (!walk.add(row)) break; }
//   return walk.end(rows_are_exhausted, head);
class LogWalk {
 public:
  LogWalk(const LogQuery& query, PageBuilder& page) : query_(query), page_(page) {}

  // False once so many rows were passed over that the page has to end here.
  [[nodiscard]] bool may_look() const;
  // Looks at a row by its columns: whether it belongs on the page. False for one beyond `through` as well.
  [[nodiscard]] bool wants(const EventRow& row);
  // Puts it there; false when the page is full, and the row is the first of the next page.
  [[nodiscard]] bool add(const EventRow& row);

  // `exhausted`: no row is left in the direction. `head`: the newest position in the log at that look.
  [[nodiscard]] ReadEnd end(bool exhausted, std::int64_t head) const;

 private:
  const LogQuery& query_;
  PageBuilder& page_;
  std::int64_t looked_through_ = 0;  // the last position looked at; 0: none
  std::int64_t added_through_ = 0;   // the last position on the page; 0: none
  std::int64_t passed_over_ = 0;     // rows that the filter did not want
  bool past_through_ = false;        // a row beyond the query's last position was met
};

}  // namespace eventsource::core
