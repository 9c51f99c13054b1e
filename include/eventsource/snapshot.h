/*
 * Snapshots: the state of an aggregate at a version, so that a load need not start at its first event.
 *
 * There is at most one for a stream. A snapshot is a cache: it is never checked against the events, and losing it
 * loses nothing.
 */
#ifndef EVENTSOURCE_SNAPSHOT_H
#define EVENTSOURCE_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include "eventsource/call.h"
#include "eventsource/error.h"
#include "eventsource/export.h"
#include "eventsource/store.h"

ES_BEGIN_DECLS

typedef struct es_snapshot es_snapshot;

/*
 * Stores a snapshot. `state` is any JSON value, kept byte for byte without the white space around it. `version` is
 * the stream's version that it holds, `schema_version` the caller's number for the form of the state; both from 1.
 *
 * It replaces what is there if its schema_version is higher, or equal with a higher version; otherwise nothing
 * happens and `saved` (may be NULL) becomes 0 instead of 1: a slow worker can't put an old state over a new one.
 *
 * Any thread. ES_INVALID_NAME, ES_INVALID_ID, ES_INVALID_ARGUMENT (versions), ES_INVALID_JSON (details "field",
 * "offset"), ES_LIMIT_EXCEEDED (a state larger than max_event_bytes), and what an append can meet below that: with
 * ES_OUTCOME_UNKNOWN when the connection was lost and it can't be told whether the snapshot was, or will be, saved.
 */
ES_API es_status es_store_save_snapshot(es_store* store, const char* aggregate_type, size_t aggregate_type_len,
                                        const uint8_t aggregate_id[16], int64_t version, int32_t schema_version,
                                        const char* state, size_t state_len, const es_call* call, int32_t* saved,
                                        es_error** err) ES_NOEXCEPT;

/*
 * The stream's snapshot. Any thread. ES_SNAPSHOT_NOT_FOUND (details "aggregate_type", "aggregate_id"), ES_INVALID_NAME,
 * ES_INVALID_ID, and what a read can meet.
 */
ES_API es_status es_store_load_snapshot(es_store* store, const char* aggregate_type, size_t aggregate_type_len,
                                        const uint8_t aggregate_id[16], const es_call* call, es_snapshot** snapshot,
                                        es_error** err) ES_NOEXCEPT;

/*
 * Removes the stream's snapshot. `deleted` (may be NULL) becomes 1, or 0 when there was none. Any thread.
 * ES_INVALID_NAME, ES_INVALID_ID, and what an append can meet: with ES_OUTCOME_UNKNOWN when the connection was lost and
 * it can't be told whether there was one; made again, the call tells whether there is one now.
 */
ES_API es_status es_store_delete_snapshot(es_store* store, const char* aggregate_type, size_t aggregate_type_len,
                                          const uint8_t aggregate_id[16], const es_call* call, int32_t* deleted,
                                          es_error** err) ES_NOEXCEPT;

/* What a snapshot holds. Immutable, any thread; borrowed as long as the snapshot. NULL gives 0 or NULL. */
ES_API int64_t es_snapshot_version(const es_snapshot* snapshot) ES_NOEXCEPT;
ES_API int32_t es_snapshot_schema_version(const es_snapshot* snapshot) ES_NOEXCEPT;
ES_API int64_t es_snapshot_created_at(const es_snapshot* snapshot) ES_NOEXCEPT; /* microseconds since 1970 UTC */
ES_API const char* es_snapshot_state(const es_snapshot* snapshot, size_t* length) ES_NOEXCEPT;

/* Frees the snapshot and sets the variable to NULL. NULL-safe. */
ES_API void es_snapshot_close(es_snapshot** snapshot) ES_NOEXCEPT;

ES_END_DECLS

#endif
