// What a database holds: a store of ours, the guide's tables as another library or another DDL made them, or neither.
// One thread, on a connection that it uses.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/uuid.hpp"
#include "core/postgres/connection.hpp"

namespace eventsource::core::postgres {

// How the tables are named and typed here. Names are quoted and with their schema.
struct Layout {
  std::string events;
  std::string payload_type;  // json or jsonb
  std::string tenant_type;   // uuid or text
  std::string draw;       // the expression that draws a position; empty: this role may not, the column's default does
  std::string snapshots;  // empty: there is no such table
  std::string state_type;
  bool snapshots_are_unique = false;  // without a key for it they can be read only
};

struct Recognised {
  bool has_events = false;
  bool has_identity = false;
  bool is_standby = false;
  Layout layout;
  Uuid store_id;                    // nil without an identity
  std::int32_t schema_version = 0;  // 0 without an identity
};

// ES_NOT_A_STORE, ES_FOREIGN_STORE, ES_SCHEMA_TOO_NEW, ES_ACCESS_DENIED. `for_writing` also looks at what appends rest on: the
// unique keys, and the sequence of the positions.
[[nodiscard]] Result<Recognised> recognise(Connection& connection, const std::string& shown, bool for_writing,
                                           const Call& call);

}  // namespace eventsource::core::postgres
