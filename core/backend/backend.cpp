#include "core/backend/backend.hpp"

namespace eventsource::core {
namespace {

Error no_indexes(const std::string& kind) {
  return Error(ES_INVALID_ARGUMENT,
               "a store of backend " + kind + " has no optional indexes: only one in PostgreSQL has");
}

}  // namespace

Result<std::vector<OptionalIndex>> Backend::list_indexes(const Call&) {
  return no_indexes(kind());
}

Result<bool> Backend::add_index(std::string_view, const Call&) {
  return no_indexes(kind());
}

}  // namespace eventsource::core
