// version.h. Pure functions: any thread.
#include "eventsource/version.h"

#define TEXT_OF(macro) TEXT(macro)
#define TEXT(tokens) #tokens

const char* es_version(void) ES_NOEXCEPT {
  return TEXT_OF(ES_VERSION_MAJOR) "." TEXT_OF(ES_VERSION_MINOR) "." TEXT_OF(ES_VERSION_PATCH);
}

uint32_t es_abi_version(void) ES_NOEXCEPT {
  return ES_ABI_VERSION;
}
