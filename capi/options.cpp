// options.h.
#include "eventsource/options.h"

#include "capi/guard.hpp"
#include "capi/handles.hpp"

namespace capi = eventsource::capi;
namespace core = eventsource::core;
using capi::guard;

es_status es_options_new(es_options** options, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need_place(options, "options"));
    *options = new es_options;
    return {};
  });
}

es_status es_options_set(es_options* options, const char* key, size_t key_len, const char* value, size_t value_len,
                         es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need(options, "options"));
    RETURN_IF_ERROR(capi::need_text(key, key_len, "key"));
    RETURN_IF_ERROR(capi::need_text(value, value_len, "value"));
    return core::set_option(capi::view(key, key_len), capi::view(value, value_len), options->settings);
  });
}

void es_options_close(es_options** options) ES_NOEXCEPT {
  capi::close(options);
}

int32_t es_option_at(size_t index, const char** name, const char** type, const char** default_value,
                     const char** meaning) ES_NOEXCEPT {
  const auto table = core::option_table();
  if (index >= table.size()) return 0;
  const core::OptionRow& row = table[index];
  if (name != nullptr) *name = row.name;
  if (type != nullptr) *type = row.type;
  if (default_value != nullptr) *default_value = row.default_value;
  if (meaning != nullptr) *meaning = row.meaning;
  return 1;
}
