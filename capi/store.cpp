// store.h.
#include "eventsource/store.h"

#include "capi/guard.hpp"
#include "capi/handles.hpp"

namespace capi = eventsource::capi;
namespace core = eventsource::core;
using capi::guard;

es_status es_store_open(uint32_t abi, const char* url, size_t url_len, const es_options* options, const es_call* call,
                        es_store** store, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need_place(store, "store"));
    RETURN_IF_ERROR(capi::need_text(url, url_len, "url"));
    RETURN_IF_ERROR(capi::check_abi(abi));
    const core::Settings settings = options == nullptr ? core::Settings() : options->settings;
    auto handle = std::make_unique<es_store>();
    ASSIGN_OR_RETURN(handle->store, core::Store::open(capi::view(url, url_len), settings, capi::options_of(call),
                                                      core::system_environment()));
    *store = handle.release();
    return {};
  });
}

es_store* es_store_retain(es_store* store) ES_NOEXCEPT {
  if (store != nullptr) store->references.fetch_add(1, std::memory_order_relaxed);
  return store;
}

es_status es_store_shutdown(es_store* store, int64_t timeout_ms, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(store, "store"));
    return capi::store_of(store)->shutdown(timeout_ms);
  });
}

void es_store_close(es_store** store) ES_NOEXCEPT {
  capi::release(store);
}

const char* es_store_backend(const es_store* store) ES_NOEXCEPT {
  return store == nullptr ? nullptr : store->store->kind();
}

const char* es_store_url(const es_store* store) ES_NOEXCEPT {
  return store == nullptr ? nullptr : store->store->url().c_str();
}

int32_t es_store_was_created(const es_store* store) ES_NOEXCEPT {
  return store != nullptr && store->store->identity().was_created ? 1 : 0;
}
