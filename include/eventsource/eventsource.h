/*
 * eventsource: an event store for every language. This header is the whole C interface.
 *
 * Conventions, the same everywhere:
 * - Functions that can fail return an es_status and take an `es_error **` last; outputs are set only on success.
 * - Text is pointer and length, UTF-8, borrowed for the call. A NULL pointer with length 0 is an empty text.
 * - A NULL handle is ES_INVALID_ARGUMENT; accessors and close functions take NULL.
 * - What a function returns as a pointer is borrowed from the object it was asked of; nothing is freed with free().
 * - Ids are 16 bytes, times are microseconds since 1970 UTC, positions and versions are int64_t.
 * - The library never prints, aborts on bad arguments, installs signal handlers or touches the locale.
 */
#ifndef EVENTSOURCE_EVENTSOURCE_H
#define EVENTSOURCE_EVENTSOURCE_H

#include "eventsource/append.h"
#include "eventsource/call.h"
#include "eventsource/error.h"
#include "eventsource/export.h"
#include "eventsource/filter.h"
#include "eventsource/inspect.h"
#include "eventsource/json.h"
#include "eventsource/limits.h"
#include "eventsource/options.h"
#include "eventsource/page.h"
#include "eventsource/read.h"
#include "eventsource/schema.h"
#include "eventsource/snapshot.h"
#include "eventsource/status.h"
#include "eventsource/store.h"
#include "eventsource/version.h"

#endif
