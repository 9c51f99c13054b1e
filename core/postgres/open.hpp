// Opens a store in a PostgreSQL database; the only way into this folder, beside url.hpp.
// Any thread, which is blocked meanwhile. The Backend that comes out may be used by any number of threads.
#pragma once

#include <memory>
#include <string_view>

#include "core/backend/backend.hpp"
#include "core/base/call.hpp"
#include "core/base/environment.hpp"
#include "core/base/result.hpp"
#include "core/log/telemetry.hpp"
#include "core/postgres/pool_settings.hpp"
#include "core/postgres/url.hpp"

namespace eventsource::core::postgres {

struct Settings {
  bool create = true;
  bool read_only = false;
  PoolSettings pool;
  std::shared_ptr<Telemetry> telemetry = nullptr;  // empty: it tells nobody
};

// Errors as es_store_open. Tables that exist already are never changed: a database of eventsource-py, or of another DDL with
// the guide's columns, is used as it is (identity: a nil id, schema version 0).
[[nodiscard]] Result<std::unique_ptr<Backend>> open(const ConnectionUrl& url, const Settings& settings,
                                                    const Call& call);

// The statement that makes a store's tables, NUL-terminated.
[[nodiscard]] std::string_view schema_sql();

}  // namespace eventsource::core::postgres
