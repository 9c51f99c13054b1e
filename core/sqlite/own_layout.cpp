// Rows as this library writes them: ids of 16 bytes, times in microseconds.
#include "core/base/time_text.hpp"
#include "core/sqlite/layout.hpp"

namespace eventsource::core::sqlite {
namespace {

std::int64_t marked(std::int64_t us) {
  if (us > kTimeMax) return kTimeInfinity;
  return us < kTimeMin ? kTimeMinusInfinity : us;
}

class OwnLayout final : public Layout {
 public:
  void bind_id(Run& run, int index, const Uuid& id) const override { run.bind(index, id); }

  bool read_columns(const Run& run, EventRow& row) const override {
    const std::optional<Uuid> event_id = run.id(kEventId);
    const std::optional<Uuid> aggregate_id = run.id(kAggregateId);
    if (!event_id || !aggregate_id) return false;
    row.position = run.integer(kPosition);
    row.version = run.integer(kVersion);
    row.occurred_at = marked(run.integer(kOccurredAt));
    row.stored_at = marked(run.integer(kStoredAt));
    row.event_id = *event_id;
    row.aggregate_id = *aggregate_id;
    row.tenant_id = run.id(kTenantId);
    row.flags = !row.tenant_id && !run.is_null(kTenantId) ? ES_RECORD_FOREIGN_TENANT : 0;
    row.event_type = run.text(kEventType);
    row.aggregate_type = run.text(kAggregateType);
    row.actor_id.reset();
    if (!run.is_null(kActorId)) row.actor_id = run.text(kActorId);
    return true;
  }

  bool read_time(const Run& run, int column, std::int64_t& us) const override {
    us = marked(run.integer(column));
    return true;
  }
};

}  // namespace

const Layout& own_layout() {
  static constexpr OwnLayout kLayout;
  return kLayout;
}

}  // namespace eventsource::core::sqlite
