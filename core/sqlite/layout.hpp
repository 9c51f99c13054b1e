// The two forms of rows that can be read: ours, and eventsource-py's (ids and times as text). Tables and columns have the
// same names in both, so the statements are the same.
// Stateless: any thread.
#pragma once

#include "core/base/result.hpp"
#include "core/event/page.hpp"
#include "core/sqlite/connection.hpp"

namespace eventsource::core::sqlite {

// Columns of a statement that reads events (statements.hpp).
enum EventColumn : int {
  kPosition,
  kVersion,
  kOccurredAt,
  kStoredAt,
  kEventId,
  kAggregateId,
  kTenantId,
  kEventType,
  kAggregateType,
  kActorId,
  kDocument,
};

class Layout {
 public:
  virtual void bind_id(Run& run, int index, const Uuid& id) const = 0;
  // Everything but the document, which may be large. False when an id or a time can't be read.
  [[nodiscard]] virtual bool read_columns(const Run& run, EventRow& row) const = 0;
  [[nodiscard]] virtual bool read_time(const Run& run, int column, std::int64_t& us) const = 0;

 protected:
  ~Layout() = default;  // never deleted: there are two, and they are static
};

[[nodiscard]] const Layout& own_layout();
[[nodiscard]] const Layout& foreign_layout();

}  // namespace eventsource::core::sqlite
