// status.h: names and ranges of the codes. Pure functions: any thread.
#include "eventsource/status.h"

const char* es_status_name(es_status status) ES_NOEXCEPT {
  switch (status) {
#define NAME(code) \
  case code:       \
    return #code
    NAME(ES_OK);
    NAME(ES_INVALID_ARGUMENT);
    NAME(ES_UNKNOWN_OPTION);
    NAME(ES_INVALID_URL);
    NAME(ES_LIMIT_EXCEEDED);
    NAME(ES_INVALID_BUFFER);
    NAME(ES_INVALID_TOKEN);
    NAME(ES_INVALID_ABI);
    NAME(ES_INVALID_JSON);
    NAME(ES_INVALID_NAME);
    NAME(ES_INVALID_ID);
    NAME(ES_INVALID_TIME);
    NAME(ES_NOT_A_STORE);
    NAME(ES_FOREIGN_STORE);
    NAME(ES_SCHEMA_TOO_NEW);
    NAME(ES_CORRUPT_STORE);
    NAME(ES_VERSION_CONFLICT);
    NAME(ES_DUPLICATE_EVENT);
    NAME(ES_WRONG_TENANT);
    NAME(ES_CONSTRAINT);
    NAME(ES_EVENT_NOT_FOUND);
    NAME(ES_SNAPSHOT_NOT_FOUND);
    NAME(ES_STORE_NOT_FOUND);
    NAME(ES_BUSY);
    NAME(ES_READ_ONLY);
    NAME(ES_STORAGE_FULL);
    NAME(ES_IO_ERROR);
    NAME(ES_UNSAFE_STORE);
    NAME(ES_UNAVAILABLE);
    NAME(ES_ACCESS_DENIED);
    NAME(ES_TIMEOUT);
    NAME(ES_CANCELLED);
    NAME(ES_CLOSED);
    NAME(ES_FORKED);
    NAME(ES_INTERNAL);
    NAME(ES_OUT_OF_MEMORY);
#undef NAME
    default:
      return "ES_UNKNOWN";
  }
}

es_status es_status_kind(es_status status) ES_NOEXCEPT {
  return status / 100 * 100;
}
