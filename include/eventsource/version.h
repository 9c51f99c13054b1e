/*
 * The version of the library and of its binary interface.
 *
 * The ABI number is handed to every es_store_open, so that a library can tell which header its caller was compiled
 * with. It is raised only when an existing function or layout changes its meaning; new functions leave it alone.
 */
#ifndef EVENTSOURCE_VERSION_H
#define EVENTSOURCE_VERSION_H

#include <stdint.h>

#include "eventsource/export.h"

#define ES_VERSION_MAJOR 0
#define ES_VERSION_MINOR 1
#define ES_VERSION_PATCH 0
#define ES_ABI_VERSION 1u

ES_BEGIN_DECLS

/* The version of the library that was loaded, as "0.1.0". Static; any thread. */
ES_API const char* es_version(void) ES_NOEXCEPT;

/* The ABI number of the library that was loaded. A store opened with a larger number is refused. Any thread. */
ES_API uint32_t es_abi_version(void) ES_NOEXCEPT;

ES_END_DECLS

#endif
