/*
 * What went wrong, in full.
 *
 * A function that takes `es_error **err` stores a new error there when it fails and leaves it alone when it succeeds.
 * `err` may be NULL when the status is enough. The caller owns the error and closes it. Set the variable to NULL before
 * the first call and close it before it is used again: what it held is not looked at.
 *
 *     es_error *err = NULL;
 *     if (es_store_head(store, NULL, &head, &err) != ES_OK) {
 *       fprintf(stderr, "%s\n", es_error_message(err));
 *       es_error_close(&err);
 *     }
 *
 * Every accessor takes NULL (an error that isn't there has code ES_OK and an empty message). An error is immutable: any
 * number of threads may read it; what an accessor returns lives as long as the error. No text ever holds a password.
 */
#ifndef EVENTSOURCE_ERROR_H
#define EVENTSOURCE_ERROR_H

#include <stddef.h>
#include <stdint.h>

#include "eventsource/export.h"
#include "eventsource/status.h"

/* What is known of the work of a call that failed. */
#define ES_OUTCOME_NOT_APPLIED 0 /* nothing was written */
#define ES_OUTCOME_APPLIED 1     /* it was written, although the call failed afterwards */
#define ES_OUTCOME_UNKNOWN 2     /* the commit was under way when the store was lost: look before you repeat */

ES_BEGIN_DECLS

typedef struct es_error es_error;

/* The status that the function returned. */
ES_API es_status es_error_code(const es_error* error) ES_NOEXCEPT;

/* One sentence or two: what happened, to which thing, what to do next. UTF-8, NUL-terminated, never NULL. */
ES_API const char* es_error_message(const es_error* error) ES_NOEXCEPT;

/* The five characters of the database's SQLSTATE, or "" where there is none (always with memory and SQLite). */
ES_API const char* es_error_sqlstate(const es_error* error) ES_NOEXCEPT;

/*
 * 1 when the same call may succeed if it is made again as it is: ES_BUSY, ES_TIMEOUT, ES_STORAGE_FULL,
 * ES_UNAVAILABLE, and ES_OUT_OF_MEMORY and ES_IO_ERROR whose outcome is ES_OUTCOME_NOT_APPLIED. 0 otherwise: a
 * conflict wants a fresh look at the stream first.
 */
ES_API int32_t es_error_is_retryable(const es_error* error) ES_NOEXCEPT;

/* One of ES_OUTCOME_*. Reads and calls that were refused are ES_OUTCOME_NOT_APPLIED. */
ES_API int32_t es_error_outcome(const es_error* error) ES_NOEXCEPT;

/*
 * The value of one detail as text, or NULL. `key` is NUL-terminated (a literal of this header's list):
 * "aggregate_type", "aggregate_id", "stored_aggregate_type", "stored_aggregate_id", "expected_version",
 * "actual_version", "event_id", "event_index" (0-based, in the caller's order), "field", "offset", "limit",
 * "option", "path", "reason", "sqlite_code", "constraint". Which of them an error has is written at the function.
 */
ES_API const char* es_error_detail(const es_error* error, const char* key) ES_NOEXCEPT;

/* How many details there are, and the index-th of them in a fixed order. 0 past the end (key and value untouched). */
ES_API size_t es_error_detail_count(const es_error* error) ES_NOEXCEPT;
ES_API int32_t es_error_detail_at(const es_error* error, size_t index, const char** key,
                                  const char** value) ES_NOEXCEPT;

/* Frees the error and sets the variable to NULL. NULL-safe. */
ES_API void es_error_close(es_error** error) ES_NOEXCEPT;

ES_END_DECLS

#endif
