/*
 * Every limit of the engine, in one place. What is over a limit is refused with ES_LIMIT_EXCEEDED or, for a name,
 * ES_INVALID_NAME; nothing is ever cut, but a text in a log.
 */
#ifndef EVENTSOURCE_LIMITS_H
#define EVENTSOURCE_LIMITS_H

/* Event types, aggregate types and actor ids, in Unicode code points (the columns are VARCHAR(255)). */
#define ES_MAX_NAME_CODE_POINTS 255

/* Versions of a stream, of an event and of a snapshot's schema (the columns are 32-bit INTEGER). */
#define ES_MAX_VERSION 2147483647

/* Objects and arrays inside each other, the outermost counted as 1. */
#define ES_MAX_JSON_DEPTH 512

/*
 * One stored document in bytes, its version counted as ten digits so that what is accepted does not depend on it, and
 * its numbers written out as a jsonb column gives them back (1e3 as 1000): the default of option max_event_bytes, and
 * the most it can be set to.
 */
#define ES_EVENT_BYTES_DEFAULT 16777216
#define ES_EVENT_BYTES_MAX 268435455

/* Events in one append: the default of option max_append_events, and the most it can be set to. */
#define ES_APPEND_EVENTS_DEFAULT 10000
#define ES_APPEND_EVENTS_MAX 1000000

/*
 * All events of one append to PostgreSQL, in bytes with their names and ids: they are one message to the server, which
 * takes less than 1 GiB. ES_LIMIT_EXCEEDED (detail "limit"), nothing was written: split the append.
 */
#define ES_POSTGRESQL_APPEND_BYTES_MAX 1000000000

/*
 * Calls of a store that were started and whose completions were not taken: the default of option max_in_flight, and the
 * most it can be set to. One more is ES_BUSY.
 */
#define ES_IN_FLIGHT_DEFAULT 10000
#define ES_IN_FLIGHT_MAX 1000000

/* A packed append buffer or a page, in bytes. */
#define ES_BUFFER_BYTES_MAX 2147483647

/* A page: the default of option page_bytes, its bounds, and how many events it holds unless a read says otherwise. */
#define ES_PAGE_BYTES_DEFAULT 4194304
#define ES_PAGE_BYTES_MIN 1024
#define ES_PAGE_BYTES_MAX 1073741824
#define ES_PAGE_EVENTS_DEFAULT 1000
#define ES_PAGE_EVENTS_MAX 1000000

/* How many events one read looks at without finding one that its filter passes, before it returns what it has. */
#define ES_PAGE_SCAN_EVENTS 100000

/* Names in one filter, each list on its own. */
#define ES_FILTER_NAMES_MAX 1000

/* A position token. */
#define ES_TOKEN_BYTES_MAX 64

/* A store's URL. */
#define ES_URL_BYTES_MAX 4096

/* A log: how many records it keeps that nobody has taken out, unless told, and at most; one text of a record. */
#define ES_LOG_RECORDS_DEFAULT 1024
#define ES_LOG_RECORDS_MAX 1000000
#define ES_LOG_TEXT_BYTES_MAX 4096

#endif
