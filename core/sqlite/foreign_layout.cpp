// Rows of eventsource-py: ids as text, times as ISO 8601 text, with or without an offset.
#include "core/base/time_text.hpp"
#include "core/base/uuid.hpp"
#include "core/sqlite/layout.hpp"

namespace eventsource::core::sqlite {
namespace {

class ForeignLayout final : public Layout {
 public:
  // Python's str(uuid): lower case with hyphens.
  void bind_id(Run& run, int index, const Uuid& id) const override { run.bind_copy(index, format_uuid(id)); }

  bool read_columns(const Run& run, EventRow& row) const override {
    if (!parse_uuid(run.text(kEventId), row.event_id)) return false;
    if (!parse_uuid(run.text(kAggregateId), row.aggregate_id)) return false;
    if (!read_time(run, kOccurredAt, row.occurred_at) || !read_time(run, kStoredAt, row.stored_at)) return false;
    row.position = run.integer(kPosition);
    row.version = run.integer(kVersion);
    row.flags = 0;
    row.tenant_id.reset();
    if (!run.is_null(kTenantId)) {
      Uuid tenant_id;
      if (parse_uuid(run.text(kTenantId), tenant_id)) {
        row.tenant_id = tenant_id;
      } else {
        row.flags = ES_RECORD_FOREIGN_TENANT;
      }
    }
    row.event_type = run.text(kEventType);
    row.aggregate_type = run.text(kAggregateType);
    row.actor_id.reset();
    if (!run.is_null(kActorId)) row.actor_id = run.text(kActorId);
    return true;
  }

  bool read_time(const Run& run, int column, std::int64_t& us) const override {
    const std::optional<std::int64_t> time = parse_foreign_time(run.text(column));
    if (time) us = *time;
    return time.has_value();
  }
};

}  // namespace

const Layout& foreign_layout() {
  static constexpr ForeignLayout kLayout;
  return kLayout;
}

}  // namespace eventsource::core::sqlite
