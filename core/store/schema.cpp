#include "core/store/schema.hpp"

#include "core/postgres/open.hpp"
#include "core/sqlite/open.hpp"

namespace eventsource::core {

const char* schema_sql(std::string_view backend) {
  if (backend == "sqlite") return sqlite::schema_sql().data();
  return backend == "postgresql" ? postgres::schema_sql().data() : nullptr;
}

}  // namespace eventsource::core
