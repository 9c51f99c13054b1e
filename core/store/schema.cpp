#include "core/store/schema.hpp"

#include "core/sqlite/open.hpp"

namespace eventsource::core {

const char* schema_sql(std::string_view backend) {
  return backend == "sqlite" ? sqlite::schema_sql().data() : nullptr;
}

}  // namespace eventsource::core
