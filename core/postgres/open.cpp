#include "core/postgres/open.hpp"

#include <string>
#include <utility>

#include "core/postgres/error.hpp"
#include "core/postgres/postgres_backend.hpp"
#include "core/postgres/recognise.hpp"
#include "core/sql/postgres.hpp"

namespace eventsource::core::postgres {
namespace {

Error no_tables(const std::string& shown) {
  return Error(ES_STORE_NOT_FOUND, shown +
                                       ": there is no table events. Open with option create, or run "
                                       "sql/postgres/all.sql");
}

Error may_not_create(const Error& refusal) {
  return Error(ES_ACCESS_DENIED, refusal.message() +
                                     ". There is no table events, and this role may not create it: run "
                                     "sql/postgres/all.sql as one that may, then sql/postgres/roles.sql")
      .sqlstate(refusal.sqlstate());
}

// Makes the tables; whether it was this call that did.
Result<bool> create(Connection& connection, const Call& call) {
  const Statement tables{"", std::string(schema_sql())};
  // A row of this transaction or of a part of it, not one that somebody else was quicker to make: that is older.
  const Statement is_own{"", "SELECT age(xmin) <= 0 FROM eventsource_schema"};
  const Parameters none;
  bool was_created = false;
  const Step steps[] = {{tables, none, nullptr}, {is_own, none, [&was_created](const Row& row) {
                                                    was_created = row.boolean(0);
                                                    return true;
                                                  }}};
  Status status = connection.transact_now(Access::kWrite, steps, call);
  if (!status.ok() && status.error().code() == ES_ACCESS_DENIED) return may_not_create(status.error());
  RETURN_IF_ERROR(std::move(status));
  return was_created;
}

}  // namespace

Result<std::unique_ptr<Backend>> open(const ConnectionUrl& url, const Settings& given, const Call& call) {
  Settings settings = given;
  if (settings.telemetry == nullptr) settings.telemetry = std::make_shared<Telemetry>(nullptr, call.environment());
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, Connection::open_now(url, settings.telemetry, call));
  const bool for_writing = !settings.read_only;
  ASSIGN_OR_RETURN(Recognised found, recognise(*connection, url.shown, for_writing, call));
  if (found.is_standby && for_writing) return standby_error(url.shown, kReadOnly);
  bool was_created = false;
  if (!found.has_events) {
    if (!settings.create || settings.read_only) return no_tables(url.shown);
    ASSIGN_OR_RETURN(was_created, create(*connection, call));
    ASSIGN_OR_RETURN(found, recognise(*connection, url.shown, for_writing, call));
  }
  const StoreIdentity identity{found.store_id, found.schema_version, was_created};
  return std::unique_ptr<Backend>(
      std::make_unique<PostgresBackend>(url, identity, found.layout, settings, std::move(connection)));
}

std::string_view schema_sql() {
  return sql::postgres_schema;
}

}  // namespace eventsource::core::postgres
