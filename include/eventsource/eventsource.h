/*
 * eventsource: an event store for every language. This header is the whole C interface.
 *
 * Conventions, the same everywhere:
 * - Functions that can fail return an es_status and take an `es_error **` last. On failure a handle output is set to
 *   NULL, other outputs are untouched. Any of them can fail with ES_OUT_OF_MEMORY or ES_INTERNAL.
 * - Text is pointer and length, UTF-8, borrowed for the call. A NULL pointer with length 0 is an empty text. The few
 *   NUL-terminated arguments say so.
 * - A handle, output or text that is NULL and not said to be optional is ES_INVALID_ARGUMENT, or 0, NULL or -1 from a
 *   function without a status; functions without a result ignore it. Outputs called `length` or `size` may be NULL.
 * - What a function returns as a pointer is borrowed from the object it was asked of; nothing is freed with free().
 * - es_options, es_call, es_append, es_filter and es_read may be shared by any number of calls at once; nobody may
 *   change or close them until those calls return. Everything else may be closed while calls that use it run.
 * - Ids are 16 bytes, times are microseconds since 1970 UTC, positions and versions are int64_t.
 * - The library never prints, aborts on bad arguments, installs signal handlers or touches the locale.
 * - In a child made by fork, every call on a store of the parent fails with ES_FORKED, and the child opens its own;
 *   everything else stays usable (store.h).
 */
#ifndef EVENTSOURCE_EVENTSOURCE_H
#define EVENTSOURCE_EVENTSOURCE_H

#include "eventsource/append.h"
#include "eventsource/call.h"
#include "eventsource/error.h"
#include "eventsource/export.h"
#include "eventsource/filter.h"
#include "eventsource/index.h"
#include "eventsource/inspect.h"
#include "eventsource/json.h"
#include "eventsource/limits.h"
#include "eventsource/log.h"
#include "eventsource/metrics.h"
#include "eventsource/options.h"
#include "eventsource/page.h"
#include "eventsource/queue.h"
#include "eventsource/read.h"
#include "eventsource/schema.h"
#include "eventsource/snapshot.h"
#include "eventsource/start.h"
#include "eventsource/status.h"
#include "eventsource/store.h"
#include "eventsource/version.h"

#endif
