/*
 * What is in a store, for people and dashboards: sizes and counts, in one consistent look.
 *
 * An inspection reads every event's columns: it takes time in proportion to the store.
 */
#ifndef EVENTSOURCE_INSPECT_H
#define EVENTSOURCE_INSPECT_H

#include <stddef.h>
#include <stdint.h>

#include "eventsource/call.h"
#include "eventsource/error.h"
#include "eventsource/export.h"
#include "eventsource/store.h"

ES_BEGIN_DECLS

typedef struct es_inspection es_inspection;

/* Looks at the store. Any thread; errors as a read. */
ES_API es_status es_store_inspect(es_store* store, const es_call* call, es_inspection** inspection,
                                  es_error** err) ES_NOEXCEPT;

/* Immutable, any thread; borrowed as long as the inspection. NULL gives 0 or NULL. */
ES_API int64_t es_inspection_events(const es_inspection* inspection) ES_NOEXCEPT;
ES_API int64_t es_inspection_streams(const es_inspection* inspection) ES_NOEXCEPT;
ES_API int64_t es_inspection_snapshots(const es_inspection* inspection) ES_NOEXCEPT;
ES_API int64_t es_inspection_first_position(const es_inspection* inspection) ES_NOEXCEPT; /* 0 when there is no event */
ES_API int64_t es_inspection_last_position(const es_inspection* inspection) ES_NOEXCEPT;

/*
 * Bytes on disk. SQLite: the file, and the write-ahead log that is not folded into it yet. PostgreSQL: the table events with
 * its indexes, and 0, as the write-ahead log is the whole server's. 0 for a memory store.
 */
ES_API int64_t es_inspection_file_bytes(const es_inspection* inspection) ES_NOEXCEPT;
ES_API int64_t es_inspection_wal_bytes(const es_inspection* inspection) ES_NOEXCEPT;

/* Counts by aggregate type and event type, in the order of those names. Texts are UTF-8 and NUL-terminated. */
ES_API size_t es_inspection_type_count(const es_inspection* inspection) ES_NOEXCEPT;
ES_API const char* es_inspection_aggregate_type(const es_inspection* inspection, size_t index) ES_NOEXCEPT;
ES_API const char* es_inspection_event_type(const es_inspection* inspection, size_t index) ES_NOEXCEPT;
ES_API int64_t es_inspection_type_events(const es_inspection* inspection, size_t index) ES_NOEXCEPT;

/* Frees the inspection and sets the variable to NULL. NULL-safe. */
ES_API void es_inspection_close(es_inspection** inspection) ES_NOEXCEPT;

ES_END_DECLS

#endif
