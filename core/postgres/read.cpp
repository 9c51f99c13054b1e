// Reading events: each function is one transaction that looks at one snapshot.
#include <limits>
#include <optional>

#include "core/base/defect.hpp"
#include "core/postgres/postgres_backend.hpp"

namespace eventsource::core::postgres {
namespace {

constexpr std::int64_t kFirst = 0;
constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();

void read_tenant(const Row& row, EventRow& event) {
  event.flags = 0;
  event.tenant_id.reset();
  if (row.is_null(kTenantId)) return;
  if (row.is_uuid(kTenantId)) {
    event.tenant_id = row.id(kTenantId);
    return;
  }
  Uuid tenant_id;
  if (parse_uuid(row.text(kTenantId), tenant_id)) {
    event.tenant_id = tenant_id;
  } else {
    event.flags = ES_RECORD_FOREIGN_TENANT;
  }
}

EventRow read_event_row(const Row& row) {
  EventRow event;
  event.position = row.integer(kPosition);
  event.version = row.integer(kVersion);
  event.occurred_at = row.time(ES_DEFECT(postgresql_stored_is_occurred) ? kStoredAt : kOccurredAt);
  event.stored_at = row.time(kStoredAt);
  event.event_id = row.id(kEventId);
  event.aggregate_id = row.id(kAggregateId);
  read_tenant(row, event);
  event.event_type = row.text(kEventType);
  event.aggregate_type = row.text(kAggregateType);
  if (!row.is_null(kActorId)) event.actor_id = row.text(kActorId);
  event.document = row.text(kDocument);
  return event;
}

}  // namespace

// What the rows of one read leave behind.
class PostgresBackend::Reader {
 public:
  explicit Reader(PageBuilder& page) : page_(page) {}

  [[nodiscard]] See see_look() {
    return [this](const Row& row) {
      seen_.end.seen = row.integer(0);
      seen_.end.database_time = row.time(1);
      return true;
    };
  }

  // The same, and how far a filtered read looks.
  [[nodiscard]] See see_range() {
    return [this](const Row& row) {
      seen_.end.seen = row.integer(0);
      seen_.end.database_time = row.time(1);
      if (!row.is_null(2)) seen_.looked_through = row.integer(2);
      seen_.has_more = row.boolean(3);
      return true;
    };
  }

  [[nodiscard]] See see_event() {
    return [this](const Row& row) {
      const EventRow event = read_event_row(row);
      seen_.is_full = !page_.add(event);
      if (!seen_.is_full) seen_.last = event.position;
      return !seen_.is_full;
    };
  }

  [[nodiscard]] std::function<void()> forget() {
    return [this] {
      page_.clear();
      seen_ = {};
    };
  }

  [[nodiscard]] ReadEnd end_of_stream() const {
    ReadEnd end = seen_.end;
    end.is_end = !seen_.is_full;
    return end;
  }

  [[nodiscard]] ReadEnd end_of_log(const LogQuery& query) const {
    ReadEnd end = seen_.end;
    end.is_end = !seen_.is_full && (!seen_.has_more || ES_DEFECT(postgresql_range_is_all));
    const std::int64_t start = query.after_end && !query.backward ? end.seen : query.after.value_or(0);
    end.scanned_through = seen_.last.value_or(start);
    if (!seen_.is_full && seen_.looked_through) end.scanned_through = *seen_.looked_through;
    if (query.backward && end.is_end) end.scanned_through = 0;
    return end;
  }

 private:
  struct Seen {
    ReadEnd end;
    std::optional<std::int64_t> last;            // the last position that is on the page
    std::optional<std::int64_t> looked_through;  // of a filtered read: the last one looked at
    bool has_more = false;                       // beyond that
    bool is_full = false;
  };

  PageBuilder& page_;
  Seen seen_;
};

Task<Result<ReadEnd>> PostgresBackend::read_log(const LogQuery& query, const Call& call, PageBuilder& page) {
  Reader reader(page);
  Parameters range;
  range.add(query.after_end && !ES_DEFECT(postgresql_end_is_start)
                ? kLast
                : query.after.value_or(query.backward ? kLast : kFirst));
  range.add(query.backward ? kFirst : query.through != 0 ? query.through : kLast);
  Parameters parameters = range;
  parameters.add(static_cast<std::int64_t>(page.most_events()) + 1);
  add_filter(parameters, layout_, query.filter);
  const Parameters none;
  std::optional<Statement> bounds;
  if (!query.filter.passes_everything()) bounds = range_statement(layout_, query);
  const Statement rows = log_statement(layout_, query);
  const Step steps[] = {
      bounds ? Step{*bounds, range, reader.see_range()} : Step{statements_.look, none, reader.see_look()},
      {rows, parameters, reader.see_event(), true}};
  const std::function<void()> forget = reader.forget();
  CO_RETURN_IF_ERROR(co_await try_again(Access::kRead, steps, call, forget));
  co_return reader.end_of_log(query);
}

Task<Result<ReadEnd>> PostgresBackend::read_stream(const StreamQuery& query, const Call& call, PageBuilder& page) {
  Reader reader(page);
  Parameters parameters;
  parameters.add(query.stream.aggregate_id);
  parameters.add(query.stream.aggregate_type);
  parameters.add(query.from_version);
  parameters.add(query.to_version);
  parameters.add(static_cast<std::int64_t>(page.most_events()) + 1);
  const Parameters none;
  const Statement& rows = query.backward ? statements_.stream_backward : statements_.stream_forward;
  const Step steps[] = {{statements_.look, none, reader.see_look()}, {rows, parameters, reader.see_event(), true}};
  const std::function<void()> forget = reader.forget();
  CO_RETURN_IF_ERROR(co_await try_again(Access::kRead, steps, call, forget));
  co_return reader.end_of_stream();
}

Task<Result<ReadEnd>> PostgresBackend::read_event(const Uuid& event_id, const Call& call, PageBuilder& page) {
  Reader reader(page);
  Parameters parameters;
  parameters.add(event_id);
  const Parameters none;
  const Step steps[] = {{statements_.look, none, reader.see_look()},
                        {statements_.event, parameters, reader.see_event(), true}};
  const std::function<void()> forget = reader.forget();
  CO_RETURN_IF_ERROR(co_await try_again(Access::kRead, steps, call, forget));
  co_return reader.end_of_stream();
}

Task<Result<std::int64_t>> PostgresBackend::head(const Call& call) {
  std::int64_t head = 0;
  const Parameters none;
  const Step steps[] = {{statements_.look, none, [&head](const Row& row) {
                           head = row.integer(0);
                           return true;
                         }}};
  const std::function<void()> forget = [&head] { head = 0; };
  CO_RETURN_IF_ERROR(co_await try_again(Access::kRead, steps, call, forget));
  co_return head;
}

Task<Result<std::int64_t>> PostgresBackend::stream_version(const StreamName& stream, const Call& call) {
  std::int64_t version = 0;
  Parameters parameters;
  parameters.add(stream.aggregate_id);
  parameters.add(stream.aggregate_type);
  const Step steps[] = {{statements_.stream_version, parameters, [&version](const Row& row) {
                           version = row.integer(0);
                           return true;
                         }}};
  const std::function<void()> forget = [&version] { version = 0; };
  CO_RETURN_IF_ERROR(co_await try_again(Access::kRead, steps, call, forget));
  co_return version;
}

}  // namespace eventsource::core::postgres
