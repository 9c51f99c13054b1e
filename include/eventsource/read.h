/*
 * Reading events: a stream, the log, one event, and how many there are.
 *
 * A read returns one page. A page is bounded by a count and by bytes, so that memory is bounded whatever is stored; one
 * event that is larger than the page is still delivered, alone. To go on, read again from where the page ended: the log
 * after header.scanned_through; a stream from the version after the last record (backward: up to the version before
 * it); until the page has the flag ES_PAGE_END. Without a filter the flag is on the page that holds the last event;
 * with one it can come later, and a page can be empty without it (a page ends after ES_PAGE_SCAN_EVENTS events that
 * the filter passed over, so that a call's time is bounded too): loop by the flag, never by the count. Reads keep
 * nothing open in between, and any number may run beside writers.
 *
 * With memory and SQLite the log is settled: an event never appears below a position that was read. On PostgreSQL a
 * position can become visible after a higher one, because transactions commit in another order than they draw their
 * positions: a read of the log shows what is visible at its moment. So on PostgreSQL do not keep scanned_through to go on
 * from there later, in a projection or a copy: it would pass over events that came in below. A stream is settled
 * everywhere: go on after a version at any time. So is the log once nobody appends.
 */
#ifndef EVENTSOURCE_READ_H
#define EVENTSOURCE_READ_H

#include <stddef.h>
#include <stdint.h>

#include "eventsource/call.h"
#include "eventsource/error.h"
#include "eventsource/export.h"
#include "eventsource/filter.h"
#include "eventsource/page.h"
#include "eventsource/store.h"

#define ES_FORWARD 0
#define ES_BACKWARD 1

/* The end of the log, for es_read_set_after. */
#define ES_POSITION_END (-1)

ES_BEGIN_DECLS

/* ---- How to read. Built by one thread; after that any number of calls may share it while nobody changes it. ---- */

typedef struct es_read es_read;

/*
 * Makes a read with the defaults: forward, from the start, ES_CONTENT_DOCUMENT, ES_PAGE_EVENTS_DEFAULT events, the
 * store's page_bytes, no filter. A NULL es_read means the same.
 */
ES_API es_status es_read_new(es_read** read, es_error** err) ES_NOEXCEPT;

/* ES_FORWARD or ES_BACKWARD (newest first). ES_INVALID_ARGUMENT. */
ES_API es_status es_read_set_direction(es_read* read, int32_t direction, es_error** err) ES_NOEXCEPT;

/* What to fill in: ES_CONTENT_* added together. ES_INVALID_ARGUMENT for an unknown bit. */
ES_API es_status es_read_set_content(es_read* read, uint32_t content, es_error** err) ES_NOEXCEPT;

/*
 * Bounds of the page: 1 to ES_PAGE_EVENTS_MAX events, ES_PAGE_BYTES_MIN to ES_PAGE_BYTES_MAX bytes.
 * ES_LIMIT_EXCEEDED.
 */
ES_API es_status es_read_set_page_events(es_read* read, int64_t events, es_error** err) ES_NOEXCEPT;
ES_API es_status es_read_set_page_bytes(es_read* read, int64_t bytes, es_error** err) ES_NOEXCEPT;

/*
 * Where a read of the log starts. The position itself is not included: forward, events above it; backward, events below
 * it. ES_POSITION_END: backward from the newest event; forward there is nothing yet, and scanned_through is the
 * head. Unset: everything, in the direction. ES_INVALID_ARGUMENT below -1.
 */
ES_API es_status es_read_set_after(es_read* read, int64_t position, es_error** err) ES_NOEXCEPT;

/*
 * Where a forward read of the log ends, this position included: ES_PAGE_END is set when it is reached. With the head
 * taken at the start, a walk through a log that grows meanwhile ends. 0: at the end of the log. ES_INVALID_ARGUMENT
 * below 0.
 */
ES_API es_status es_read_set_through(es_read* read, int64_t position, es_error** err) ES_NOEXCEPT;

/* The versions of a stream to read, both ends included. Unset: all. ES_INVALID_ARGUMENT unless 1 <= from <= to. */
ES_API es_status es_read_set_versions(es_read* read, int64_t from, int64_t to, es_error** err) ES_NOEXCEPT;

/* The events of the log to read (copied); NULL takes it off. */
ES_API es_status es_read_set_filter(es_read* read, const es_filter* filter, es_error** err) ES_NOEXCEPT;

/* Frees the read and sets the variable to NULL. NULL-safe. */
ES_API void es_read_close(es_read** read) ES_NOEXCEPT;

/*
 * ---- The calls. Any thread; `read` and `call` may be NULL. ----
 * Errors of all: ES_BUSY, ES_TIMEOUT, ES_CANCELLED, ES_CLOSED, ES_FORKED, ES_IO_ERROR, ES_CORRUPT_STORE,
 * ES_INVALID_TOKEN; of a PostgreSQL server also ES_UNAVAILABLE, ES_ACCESS_DENIED (a missing grant) and ES_NOT_A_STORE
 * (the tables were changed meanwhile). A read whose connection is lost is made again on another one.
 */

/*
 * A page of one stream, in the order of its versions. A stream that does not exist gives an empty page with
 * ES_PAGE_END. ES_INVALID_NAME, ES_INVALID_ID; ES_INVALID_ARGUMENT when the read has an after, a through or a filter.
 */
ES_API es_status es_store_read_stream(es_store* store, const char* aggregate_type, size_t aggregate_type_len,
                                      const uint8_t aggregate_id[16], const es_read* read, const es_call* call,
                                      es_page** page, es_error** err) ES_NOEXCEPT;

/*
 * A page of the log, in the order of global positions. ES_INVALID_ARGUMENT when the read has versions, or is
 * backward with a through.
 */
ES_API es_status es_store_read_log(es_store* store, const es_read* read, const es_call* call, es_page** page,
                                   es_error** err) ES_NOEXCEPT;

/*
 * The event with this id, alone on a page. `content` is ES_CONTENT_* added together. ES_EVENT_NOT_FOUND (detail
 * "event_id"), ES_INVALID_ID for a nil id, ES_INVALID_ARGUMENT for an unknown bit of content.
 */
ES_API es_status es_store_read_event(es_store* store, const uint8_t event_id[16], uint32_t content, const es_call* call,
                                     es_page** page, es_error** err) ES_NOEXCEPT;

/* The position of the newest event; 0 for an empty store. Taken from the events, so that an emptied table gives 0. */
ES_API es_status es_store_head(es_store* store, const es_call* call, int64_t* position, es_error** err) ES_NOEXCEPT;

/* The version of a stream; 0 when it has no event. ES_INVALID_NAME, ES_INVALID_ID. */
ES_API es_status es_store_stream_version(es_store* store, const char* aggregate_type, size_t aggregate_type_len,
                                         const uint8_t aggregate_id[16], const es_call* call, int64_t* version,
                                         es_error** err) ES_NOEXCEPT;

/* How many events there are; with a filter, how many of those it passes. */
ES_API es_status es_store_count(es_store* store, const es_filter* filter, const es_call* call, int64_t* count,
                                es_error** err) ES_NOEXCEPT;

ES_END_DECLS

#endif
