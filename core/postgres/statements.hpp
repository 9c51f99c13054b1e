// The statements of one store, made for its layout. Connections keep them prepared under their names.
// Values; any thread may read them.
#pragma once

#include "core/backend/log_query.hpp"
#include "core/postgres/append_statements.hpp"
#include "core/postgres/connection.hpp"
#include "core/postgres/recognise.hpp"

namespace eventsource::core::postgres {

// The columns of a statement that reads events.
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

struct Statements {
  explicit Statements(const Layout& layout);

  // head, the database's time
  Statement look;
  Statement stream_forward;
  Statement stream_backward;
  Statement event;
  Statement stream_version;

  AppendStatements append;
  // version, tenant as text; of each stream that exists its ordinal first
  Statement heads;
  // ordinal, position, version, aggregate type, aggregate id, event type, then the document (json) or whether the data is
  // the same (jsonb)
  Statement known;

  Statement save_snapshot;
  // Of the same parameters: a row when they are what is stored.
  Statement same_snapshot;
  Statement load_snapshot;
  Statement delete_snapshot;

  Statement count_streams;
  Statement count_snapshots;
  Statement count_types;
  Statement sizes;
};

// What a read of the log asks for in SQL. Parameters: where to start, where to stop, how many, then those of the filter.
[[nodiscard]] Statement log_statement(const Layout& layout, const LogQuery& query);
// head, the database's time, the last position that a filtered read looks at, whether there is more beyond it.
// Parameters: where to start, where to stop.
[[nodiscard]] Statement range_statement(const Layout& layout, const LogQuery& query);
[[nodiscard]] Statement count_statement(const Layout& layout, const Filter& filter);
// The parameters of the filter, in the order in which the statements name them.
void add_filter(Parameters& parameters, const Layout& layout, const Filter& filter);

}  // namespace eventsource::core::postgres
