#include "core/sqlite/open.hpp"
namespace eventsource::core::sqlite {
Result<std::unique_ptr<Backend>> open(const std::string&, const Settings&, Environment&, const Call&) {
  return Error(ES_INTERNAL, "SQLite is on its way");
}
std::string_view schema_sql() {
  return "";
}
}  // namespace eventsource::core::sqlite
