/*
 * Which events a read of the log, a count or (later) a subscription is about.
 *
 * All conditions must hold. A list that is empty passes everything; a name added twice counts once; a second set
 * replaces. A filter is used by one thread while it is being built; after that any number of calls may share it, as
 * long as nobody changes it.
 */
#ifndef EVENTSOURCE_FILTER_H
#define EVENTSOURCE_FILTER_H

#include <stddef.h>
#include <stdint.h>

#include "eventsource/error.h"
#include "eventsource/export.h"

ES_BEGIN_DECLS

typedef struct es_filter es_filter;

/* Makes a filter that passes everything. */
ES_API es_status es_filter_new(es_filter** filter, es_error** err) ES_NOEXCEPT;

/*
 * One more event type, or aggregate type, that passes. ES_INVALID_NAME; ES_LIMIT_EXCEEDED past ES_FILTER_NAMES_MAX
 * names.
 */
ES_API es_status es_filter_add_event_type(es_filter* filter, const char* name, size_t name_len,
                                          es_error** err) ES_NOEXCEPT;
ES_API es_status es_filter_add_aggregate_type(es_filter* filter, const char* name, size_t name_len,
                                              es_error** err) ES_NOEXCEPT;

/* Only events of this tenant. NULL takes the condition off: of any tenant, and of none. */
ES_API es_status es_filter_set_tenant_id(es_filter* filter, const uint8_t* tenant_id, es_error** err) ES_NOEXCEPT;

/*
 * Only events with from <= occurred_at < to, in microseconds since 1970 UTC; INT64_MIN and INT64_MAX leave an end open.
 * ES_INVALID_ARGUMENT when from > to. Events do not occur in the order of their positions: the read still looks at
 * every event.
 */
ES_API es_status es_filter_set_occurred(es_filter* filter, int64_t from, int64_t to, es_error** err) ES_NOEXCEPT;

/*
 * Only events of aggregates that fall into part `k` of `n` (0 <= k < n <= 65536, or ES_INVALID_ARGUMENT). All events
 * of one aggregate are in the same part, the same on every backend and in every language (es_partition).
 */
ES_API es_status es_filter_set_partition(es_filter* filter, int32_t k, int32_t n, es_error** err) ES_NOEXCEPT;

/* Frees the filter and sets the variable to NULL. NULL-safe. */
ES_API void es_filter_close(es_filter** filter) ES_NOEXCEPT;

/*
 * The part of n into which an aggregate falls: (uuid_hash_extended(aggregate_id, 0) & 9223372036854775807) % n, as
 * PostgreSQL computes it. -1 for a NULL id or n < 1. Any thread.
 */
ES_API int32_t es_partition(const uint8_t aggregate_id[16], int32_t n) ES_NOEXCEPT;

ES_END_DECLS

#endif
