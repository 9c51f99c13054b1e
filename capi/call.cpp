// call.h.
#include "eventsource/call.h"

#include "capi/guard.hpp"
#include "capi/handles.hpp"
#include "core/event/token.hpp"

namespace capi = eventsource::capi;
namespace core = eventsource::core;
using capi::guard;

es_status es_call_new(es_call** call, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need_place(call, "call"));
    *call = new es_call;
    return {};
  });
}

es_status es_call_set_timeout(es_call* call, int64_t timeout_ms, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(call, "call"));
    if (timeout_ms < -1) {
      return core::Error(ES_INVALID_ARGUMENT, "a timeout is -1 (none), 0 (don't wait) or a number of milliseconds");
    }
    call->options.timeout_ms = timeout_ms;
    return {};
  });
}

es_status es_call_set_token(es_call* call, const char* token, size_t token_len, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(call, "call"));
    RETURN_IF_ERROR(capi::need_text(token, token_len, "token"));
    RETURN_IF_ERROR(core::check_token(capi::view(token, token_len)));
    call->options.token = capi::view(token, token_len);
    return {};
  });
}

es_status es_call_set_cancel(es_call* call, es_cancel* cancel, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(call, "call"));
    call->options.cancel = cancel == nullptr ? nullptr : cancel->flag;
    return {};
  });
}

void es_call_close(es_call** call) ES_NOEXCEPT {
  capi::close(call);
}

es_status es_cancel_new(es_cancel** cancel, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need_place(cancel, "cancel"));
    *cancel = new es_cancel;
    return {};
  });
}

void es_cancel_fire(es_cancel* cancel) ES_NOEXCEPT {
  if (cancel != nullptr) cancel->flag->raise();
}

void es_cancel_close(es_cancel** cancel) ES_NOEXCEPT {
  capi::close(cancel);
}
