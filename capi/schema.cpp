// schema.h.
#include "eventsource/schema.h"

#include "capi/guard.hpp"
#include "capi/handles.hpp"
#include "core/store/schema.hpp"

namespace capi = eventsource::capi;
namespace core = eventsource::core;

int32_t es_schema_version(void) ES_NOEXCEPT {
  return core::kSchemaVersion;
}

const char* es_schema_sql(const char* backend) ES_NOEXCEPT {
  return backend == nullptr ? nullptr : core::schema_sql(backend);
}

int32_t es_store_schema_version(const es_store* store) ES_NOEXCEPT {
  return store == nullptr ? 0 : store->store->identity().schema_version;
}

es_status es_store_id(const es_store* store, uint8_t id[16], es_error** err) ES_NOEXCEPT {
  return capi::guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(store, "store"));
    RETURN_IF_ERROR(capi::need(id, "id"));
    const core::Uuid& own = store->store->identity().id;
    std::memcpy(id, own.bytes.data(), own.bytes.size());
    return {};
  });
}
